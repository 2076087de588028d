namespace Dqn.Networks;

/// <summary>From where it was known what network a file holds.</summary>
public enum ArchitectureSource
{
    /// <summary>The file says it: safetensors metadata, as <see cref="NetworkFile"/> leaves it.</summary>
    File,

    /// <summary>The caller named it, and the tensors' names and shapes are its.</summary>
    Caller,

    /// <summary>
    /// It was inferred from the tensors' names and shapes, which do not tell everything: see
    /// <see cref="LoadedNetwork.Assumptions"/>.
    /// </summary>
    Inferred,
}

namespace Dqn.Environments;

/// <summary>What an observation's numbers are.</summary>
public enum ElementType
{
    /// <summary>Pixels: one byte each, 0 … 255.</summary>
    Byte,

    /// <summary>Features: 32-bit IEEE floats, in the machine's byte order.</summary>
    Single,
}

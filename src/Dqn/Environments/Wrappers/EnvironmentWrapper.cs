namespace Dqn.Environments;

/// <summary>
/// An environment around another one, which it owns. A wrapper overrides what it changes; the rest passes through.
/// </summary>
public abstract class EnvironmentWrapper : IEnvironment
{
    /// <summary>Wraps <paramref name="inner"/>.</summary>
    protected EnvironmentWrapper(IEnvironment inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>The wrapped environment.</summary>
    public IEnvironment Inner { get; }

    /// <inheritdoc/>
    public virtual EnvironmentSpec Spec => Inner.Spec;

    /// <inheritdoc/>
    public virtual bool CanSaveState => Inner.CanSaveState;

    /// <inheritdoc/>
    public virtual void Reset(ulong? seed = null) => Inner.Reset(seed);

    /// <inheritdoc/>
    public virtual StepResult Step(int action) => Inner.Step(action);

    /// <inheritdoc/>
    public virtual void Observe(Span<byte> observation) => Inner.Observe(observation);

    /// <inheritdoc/>
    public virtual void SaveState(BinaryWriter writer) => Inner.SaveState(writer);

    /// <inheritdoc/>
    public virtual void LoadState(BinaryReader reader) => Inner.LoadState(reader);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the wrapped environment.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Inner.Dispose();
    }
}

using System.Text.Json.Nodes;

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

    /// <summary>
    /// Whether <see cref="Observe"/> gives the wrapped environment's observations unchanged, so that who wants a part of
    /// a picture may ask the environment inside (<see cref="IGreyView"/>). False unless overridden.
    /// </summary>
    public virtual bool KeepsObservations => false;

    /// <inheritdoc/>
    public virtual bool CanSaveState => Inner.CanSaveState;

    /// <summary>The wrapper's kind, its numbers, and what it wraps under <c>inner</c>.</summary>
    public JsonObject Describe()
    {
        JsonObject description = new() { ["kind"] = GetType().Name };
        Describe(description);
        description[EnvironmentDescription.Inner] = Inner.Describe();
        return description;
    }

    /// <inheritdoc/>
    public virtual void Reset(ulong? seed = null) => Inner.Reset(seed);

    /// <inheritdoc/>
    public virtual StepResult Step(int action) => Inner.Step(action);

    /// <inheritdoc/>
    public virtual void LegalActions(Span<bool> legalActions) => Inner.LegalActions(legalActions);

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

    /// <summary>
    /// Adds each number that the wrapper's behaviour depends on: <c>numbers["frames"] = Frames;</c> Nothing unless
    /// overridden.
    /// </summary>
    protected virtual void Describe(JsonObject numbers)
    {
    }

    /// <summary>Disposes the wrapped environment.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Inner.Dispose();
    }
}

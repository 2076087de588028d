using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// A task to learn: Gymnasium's <c>Env</c> with a discrete action space, and with stepping apart from observing, so
/// that a frame nobody looks at is never drawn. Call <see cref="Reset"/> first, then <see cref="Step"/> until the
/// result's <see cref="StepResult.Ended"/>, then <see cref="Reset"/> again. Not safe for concurrent use.
/// </summary>
public interface IEnvironment : IDisposable
{
    /// <summary>The observations' and actions' description.</summary>
    EnvironmentSpec Spec { get; }

    /// <summary>
    /// What this environment is, as data: its kind, and every number that its behaviour depends on. A run's
    /// <c>options.json</c>, saved states and model files hold it and compare it. Unless implemented, the kind and the
    /// spec: an environment with options of its own adds them, as <see cref="EnvironmentDescription.Of"/> shows.
    /// </summary>
    /// <returns>New JSON, the caller's; equal for environments that are made the same way.</returns>
    JsonObject Describe() => EnvironmentDescription.Of(this);

    /// <summary>Starts a new episode.</summary>
    /// <param name="seed">
    /// Starts the environment's random stream at this seed: the same seed and actions give the same episode.
    /// Null goes on with the stream as it stands; on a new environment that is an arbitrary one.
    /// </param>
    void Reset(ulong? seed = null);

    /// <summary>Applies an action for one step.</summary>
    /// <param name="action">0 … <see cref="EnvironmentSpec.ActionCount"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such action.</exception>
    /// <exception cref="ArgumentException">The action is illegal here (<see cref="LegalActions"/>).</exception>
    /// <exception cref="InvalidOperationException">
    /// Called before <see cref="Reset"/> or after the episode's end.
    /// </exception>
    StepResult Step(int action);

    /// <summary>
    /// Writes which actions are legal at the current observation. Implemented by environments whose spec
    /// <see cref="EnvironmentSpec.HasIllegalActions"/>, asked of no others. Changes nothing. While an episode goes on at
    /// least one action is legal; at its end this still answers, like <see cref="Observe"/>, and after termination may say
    /// none.
    /// </summary>
    /// <param name="legalActions">Destination, [<see cref="EnvironmentSpec.ActionCount"/>]: every element is written.</param>
    void LegalActions(Span<bool> legalActions) => legalActions.Fill(true);

    /// <summary>Writes the current observation. Changes nothing: calling it twice gives the same bytes.</summary>
    /// <param name="observation">
    /// [<see cref="EnvironmentSpec.ObservationBytes"/>]; floats as their bytes
    /// (<see cref="System.Runtime.InteropServices.MemoryMarshal.Cast{TFrom, TTo}(Span{TFrom})"/>).
    /// </param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">Called before the first <see cref="Reset"/>.</exception>
    void Observe(Span<byte> observation);

    /// <summary>
    /// Whether <see cref="SaveState"/> and <see cref="LoadState"/> work, so that a checkpoint can go on mid-episode.
    /// </summary>
    bool CanSaveState => false;

    /// <summary>
    /// Writes everything that the coming steps depend on, the random stream included, but not what the environment is:
    /// <see cref="EnvironmentState.Save"/> writes both.
    /// </summary>
    /// <exception cref="NotSupportedException"><see cref="CanSaveState"/> is false.</exception>
    void SaveState(BinaryWriter writer) => throw new NotSupportedException($"{Spec.Name} cannot save its state.");

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on an environment made with the same options, which
    /// <see cref="EnvironmentState.Load"/> makes sure of. Where it throws, the environment needs a <see cref="Reset"/>
    /// before anything else.
    /// </summary>
    /// <exception cref="NotSupportedException"><see cref="CanSaveState"/> is false.</exception>
    /// <exception cref="InvalidDataException">The data is not such a state.</exception>
    /// <exception cref="EndOfStreamException">The data ends too early.</exception>
    void LoadState(BinaryReader reader) => throw new NotSupportedException($"{Spec.Name} cannot load a state.");
}

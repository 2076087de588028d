using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dqn.Threading;

namespace Dqn.Environments;

/// <summary>
/// Several environments of one kind stepped together on several threads, with their observations as one batch. Each has
/// a random stream of its own, and results are the same whatever the number of threads. Call <see cref="Reset(ulong?)"/>
/// first. What happens at an episode's end is <see cref="Autoreset"/>. Steps so short that waking a thread would cost
/// more are left to the calling thread. Nothing is allocated per step. Not safe for concurrent use: a call while another
/// thread's has not returned throws <see cref="InvalidOperationException"/>.
/// </summary>
/// <remarks>
/// Where an environment throws in the middle of its work, the others finish theirs, and an
/// <see cref="InvalidOperationException"/> names the first that failed by its index and holds its exception; that
/// environment needs a reset before the next step.
/// </remarks>
public sealed unsafe class VectorEnvironment : IDisposable
{
    private readonly EnvironmentTeam _team;
    private readonly EpisodePhase[] _phases;
    private readonly int _observationBytes;

    // The last observations of episodes that ended in the last step; with SameStep only.
    private readonly byte[] _finals = [];
    private readonly bool[] _hasFinal;
    private readonly bool[] _finalLegalActions = [];

    private readonly EnvironmentWork _reset, _step, _observe;
    private SingleCaller _caller;
    private bool _disposed;

    // The arguments of the call that is under way, pinned by it.
    private bool* _mask;
    private ulong? _seed;
    private int* _actions;
    private StepResult* _results;
    private byte* _observations;

    /// <summary>Makes the environments, which this vector owns.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="create">
    /// Makes the environment of an index, 0 … <paramref name="count"/> − 1; a new one each time, all with the same
    /// <see cref="IEnvironment.Spec"/>.
    /// </param>
    /// <param name="autoreset">What happens at an episode's end.</param>
    /// <param name="threads">How many threads step at most, the caller's included; 0 means one per processor.</param>
    /// <param name="ownThreads">
    /// Whether the threads are this vector's own, as many as are asked for though there are fewer processors, 0 meaning one for
    /// each environment: for environments that wait, for a game or a robot. Default false: they are the process's, which networks
    /// compute on too, never more than there are processors.
    /// </param>
    /// <exception cref="ArgumentException">The environments differ: the message says which, and in what.</exception>
    public VectorEnvironment(
        int count, Func<int, IEnvironment> create, AutoresetMode autoreset = AutoresetMode.NextStep, int threads = 0,
        bool ownThreads = false)
        : this(
            EnvironmentList.Create(count, create), autoreset, threads, ownThreads ? null : WorkerPool.OfProcess,
            disposeOnFailure: true)
    {
    }

    /// <summary>Takes environments, which this vector owns from now on: step and reset them through it only.</summary>
    /// <param name="environments">At least one, none twice, all with the same <see cref="IEnvironment.Spec"/>.</param>
    /// <param name="autoreset">What happens at an episode's end.</param>
    /// <param name="threads">How many threads step at most, the caller's included; 0 means one per processor.</param>
    /// <param name="ownThreads">
    /// Whether the threads are this vector's own, as many as are asked for though there are fewer processors, 0 meaning one for
    /// each environment: for environments that wait, for a game or a robot. Default false: they are the process's, which networks
    /// compute on too, never more than there are processors.
    /// </param>
    /// <exception cref="ArgumentException">The environments differ: the message says which, and in what.</exception>
    public VectorEnvironment(
        IEnumerable<IEnvironment> environments, AutoresetMode autoreset = AutoresetMode.NextStep, int threads = 0,
        bool ownThreads = false)
        : this(
            [.. environments ?? throw new ArgumentNullException(nameof(environments))], autoreset, threads,
            ownThreads ? null : WorkerPool.OfProcess, disposeOnFailure: false)
    {
    }

    /// <summary>As the public ones, with worker threads handed in; null: its own.</summary>
    internal VectorEnvironment(
        ImmutableArray<IEnvironment> environments, AutoresetMode autoreset, int threads, WorkerPool? pool,
        bool disposeOnFailure)
    {
        try
        {
            EnvironmentList.ThrowIfDifferent(environments);
            if (!Enum.IsDefined(autoreset))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(autoreset), autoreset, $"Expected a mode of {nameof(AutoresetMode)}, got {autoreset}.");
            }

            if (threads is < 0 or > 1024)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(threads), threads, $"Expected 0 … 1024 threads, got {threads}.");
            }

            Environments = environments;
            Spec = environments[0].Spec;
            _observationBytes = Spec.ObservationBytes;
            ObservationBytes = checked(environments.Length * _observationBytes);
        }
        catch when (disposeOnFailure)
        {
            EnvironmentList.Dispose(environments);
            throw;
        }

        Autoreset = autoreset;
        _team = new EnvironmentTeam(environments.Length, threads, pool);
        _phases = new EpisodePhase[environments.Length];
        _hasFinal = new bool[environments.Length];
        if (autoreset == AutoresetMode.SameStep)
            (_finals, _finalLegalActions) = (new byte[ObservationBytes], new bool[Count * Spec.MaskedActions]);
        _reset = new EnvironmentWork("Reset", ResetOne);
        _step = new EnvironmentWork("Step", StepOne);
        _observe = new EnvironmentWork("Observe", ObserveOne);
    }

    /// <summary>One environment's description: every one's.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>How many environments there are, N.</summary>
    public int Count => _phases.Length;

    /// <summary>The bytes of a batch of observations: N × <see cref="EnvironmentSpec.ObservationBytes"/>.</summary>
    public int ObservationBytes { get; }

    /// <summary>What happens at an episode's end.</summary>
    public AutoresetMode Autoreset { get; }

    /// <summary>
    /// How many threads step at most, the caller's included: never more than there are environments or processors.
    /// </summary>
    public int Threads => _team.Threads;

    /// <summary>
    /// The environments, to look at between two calls (<see cref="EnvironmentExtensions.Find"/>); step and reset them
    /// through the vector only.
    /// </summary>
    public ImmutableArray<IEnvironment> Environments { get; }

    /// <summary>Whether every environment can save its state.</summary>
    public bool CanSaveState
    {
        get
        {
            foreach (var environment in Environments)
            {
                if (!environment.CanSaveState)
                    return false;
            }

            return true;
        }
    }

    /// <summary>Starts a new episode in every environment.</summary>
    /// <param name="seed">
    /// Environment i starts its random stream at seed + i (modulo 2⁶⁴), as in Gymnasium. Null: each goes on with its
    /// own stream as it stands.
    /// </param>
    public void Reset(ulong? seed = null)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _mask = null;
        _seed = seed;
        Run(_reset);
    }

    /// <summary>Starts a new episode in some environments, in whatever phase they are, with any mode.</summary>
    /// <param name="mask">[N]: which ones.</param>
    /// <param name="seed">
    /// As in <see cref="Reset(ulong?)"/>: an environment's index counts, not its place among those reset.
    /// </param>
    /// <exception cref="ArgumentException">The mask has another length than N.</exception>
    public void Reset(ReadOnlySpan<bool> mask, ulong? seed = null)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfNotOneEach(mask.Length, nameof(mask));
        fixed (bool* pinned = mask)
        {
            _mask = pinned;
            _seed = seed;
            Run(_reset);
        }
    }

    /// <summary>Steps every environment once, or resets it where <see cref="Autoreset"/> says so.</summary>
    /// <param name="actions">[N]: each from 0 to <see cref="EnvironmentSpec.ActionCount"/> − 1, ignored ones too.</param>
    /// <param name="results">[N], destination.</param>
    /// <exception cref="ArgumentException">A span has another length than N; nothing has been stepped.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An action does not exist; nothing has been stepped.</exception>
    /// <exception cref="InvalidOperationException">
    /// An environment needs a reset first, and nothing has been stepped; or one has failed (see the remarks).
    /// </exception>
    public void Step(ReadOnlySpan<int> actions, Span<StepResult> results)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfNotSteppable(actions, results);
        fixed (int* pinnedActions = actions)
        fixed (StepResult* pinnedResults = results)
        {
            _actions = pinnedActions;
            _results = pinnedResults;
            _observations = null;
            Run(_step);
        }
    }

    /// <summary>
    /// <see cref="Step(ReadOnlySpan{int}, Span{StepResult})"/> and <see cref="Observe"/> at once: the threads meet once
    /// instead of twice.
    /// </summary>
    /// <param name="actions">[N]: each from 0 to <see cref="EnvironmentSpec.ActionCount"/> − 1, ignored ones too.</param>
    /// <param name="results">[N], destination.</param>
    /// <param name="observations">[N, observation], <see cref="ObservationBytes"/>, destination.</param>
    /// <inheritdoc cref="Step(ReadOnlySpan{int}, Span{StepResult})" path="/exception"/>
    public void Step(ReadOnlySpan<int> actions, Span<StepResult> results, Span<byte> observations)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfNotSteppable(actions, results);
        ThrowIfNotObservations(observations);
        fixed (int* pinnedActions = actions)
        fixed (StepResult* pinnedResults = results)
        fixed (byte* pinnedObservations = observations)
        {
            _actions = pinnedActions;
            _results = pinnedResults;
            _observations = pinnedObservations;
            Run(_step);
        }
    }

    /// <summary>Writes every environment's current observation. Changes nothing.</summary>
    /// <param name="observations">[N, observation], <see cref="ObservationBytes"/>, destination.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">An environment was never reset, or has failed.</exception>
    public void Observe(Span<byte> observations)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfNotObservations(observations);
        for (int i = 0; i < _phases.Length; i++)
        {
            if (_phases[i] == EpisodePhase.New)
                throw new InvalidOperationException($"{Name(i)}: call Reset before Observe.");
        }

        fixed (byte* pinned = observations)
        {
            _observations = pinned;
            Run(_observe);
        }
    }

    /// <summary>
    /// Writes which actions are legal at every environment's current observation. Changes nothing.
    /// </summary>
    /// <param name="legalActions">[N, actions], destination; all true where the spec has no illegal actions.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">An environment was never reset, or has failed.</exception>
    public void LegalActions(Span<bool> legalActions)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        int actions = Spec.ActionCount;
        if (legalActions.Length != (long)Count * actions)
        {
            throw new ArgumentException(
                $"Expected room for the legality of {Count} × {actions} actions, got {legalActions.Length}.",
                nameof(legalActions));
        }

        for (int i = 0; i < _phases.Length; i++)
        {
            if (_phases[i] == EpisodePhase.New)
                throw new InvalidOperationException($"{Name(i)}: call Reset before LegalActions.");
            Environments[i].LegalActions(legalActions.Slice(i * actions, actions));
        }
    }

    /// <summary>
    /// With <see cref="AutoresetMode.SameStep"/>: the last observation of the episode that the last step ended.
    /// </summary>
    /// <param name="index">Which environment; its last result has <see cref="StepResult.Ended"/>.</param>
    /// <returns>[observation]: valid until the next step or reset.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such environment.</exception>
    /// <exception cref="InvalidOperationException">Its last step ended no episode, or the mode is another.</exception>
    public ReadOnlySpan<byte> FinalObservation(int index)
    {
        using SingleCaller.Visit visit = Enter();
        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), index, $"Expected an environment from 0 to {Count - 1}, got {index}.");
        }

        if (_hasFinal[index])
            return _finals.AsSpan(index * _observationBytes, _observationBytes);
        throw new InvalidOperationException(Autoreset == AutoresetMode.SameStep
            ? $"{Name(index)}: the last step ended no episode, so there is no final observation."
            : $"{Name(index)}: with {nameof(AutoresetMode)}.{Autoreset} the final observation is what Observe writes.");
    }

    /// <summary>
    /// With <see cref="AutoresetMode.SameStep"/>: which actions were legal at <see cref="FinalObservation"/>.
    /// </summary>
    /// <returns>[actions]: valid until the next step or reset; empty where the spec has no illegal actions.</returns>
    /// <inheritdoc cref="FinalObservation"/>
    public ReadOnlySpan<bool> FinalLegalActions(int index)
    {
        _ = FinalObservation(index);
        int actions = Spec.MaskedActions;
        return _finalLegalActions.AsSpan(index * actions, actions);
    }

    /// <summary>
    /// What the environments are, as data: how many, and each one's description, or the one that all share.
    /// </summary>
    public JsonObject Describe()
    {
        JsonObject description = new() { ["count"] = Count };
        JsonObject[] each = [.. Environments.Select(environment => environment.Describe())];
        if (each.Skip(1).All(other => JsonNode.DeepEquals(other, each[0])))
            description["environment"] = each[0];
        else
            description["environments"] = new JsonArray([.. each]);
        return description;
    }

    /// <summary>Writes what the environments are and everything that their coming steps depend on.</summary>
    /// <exception cref="NotSupportedException"><see cref="CanSaveState"/> is false.</exception>
    public void SaveState(BinaryWriter writer)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfNotSavable();
        EnvironmentState.WriteDescription(Describe(), writer);
        writer.Write((byte)Autoreset);
        for (int i = 0; i < Count; i++)
        {
            writer.Write((byte)_phases[i]);
            writer.Write(_hasFinal[i]);
            if (_hasFinal[i])
            {
                writer.Write(FinalObservation(i));
                writer.Write(MemoryMarshal.AsBytes(FinalLegalActions(i)));
            }

            Environments[i].SaveState(writer);
        }
    }

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on a vector of as many environments made the same way, with whatever
    /// number of threads. Where it throws, the vector needs a <see cref="Reset(ulong?)"/> before anything else.
    /// </summary>
    /// <exception cref="NotSupportedException"><see cref="CanSaveState"/> is false.</exception>
    /// <exception cref="InvalidDataException">The data is not such a state.</exception>
    /// <exception cref="EndOfStreamException">The data ends too early.</exception>
    public void LoadState(BinaryReader reader)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfNotSavable();
        _phases.AsSpan().Clear();
        _hasFinal.AsSpan().Clear();
        EnvironmentState.RequireDescription(Describe(), reader);
        var autoreset = (AutoresetMode)reader.ReadByte();
        if (autoreset != Autoreset)
            throw new InvalidDataException($"Vector state: expected the mode {Autoreset}, got {autoreset}.");
        var phases = new EpisodePhase[Count];
        var hasFinal = new bool[Count];
        for (int i = 0; i < Count; i++)
        {
            phases[i] = EpisodePhases.Read(reader);
            hasFinal[i] = reader.ReadBoolean();
            if (autoreset == AutoresetMode.SameStep ? phases[i] == EpisodePhase.Ended : hasFinal[i])
                throw new InvalidDataException($"Vector state: environment {i} cannot be so with {autoreset}.");
            if (hasFinal[i])
                ReadFinal(i, reader);
            Environments[i].LoadState(reader);
        }

        phases.CopyTo(_phases, 0);
        hasFinal.CopyTo(_hasFinal, 0);
    }

    /// <summary>
    /// Disposes every environment, and ends the process's worker threads if nothing else needs them.
    /// </summary>
    public void Dispose()
    {
        using SingleCaller.Visit visit = Enter();
        if (_disposed)
            return;
        _disposed = true;
        _team.Dispose();
        EnvironmentList.Dispose(Environments);
    }

    // The phase is New while something may fail: what has failed is to be reset.
    private void ResetOne(int index)
    {
        if (_mask != null && !_mask[index])
            return;
        _hasFinal[index] = false;
        _phases[index] = EpisodePhase.New;
        Environments[index].Reset(_seed is { } seed ? unchecked(seed + (ulong)index) : null);
        _phases[index] = EpisodePhase.Running;
    }

    private void StepOne(int index)
    {
        var environment = Environments[index];
        bool ended = _phases[index] == EpisodePhase.Ended;
        _hasFinal[index] = false;
        _phases[index] = EpisodePhase.New;
        StepResult result = default;
        if (ended)
            environment.Reset();
        else
            result = environment.Step(_actions[index]);
        _results[index] = result;
        if (result.Ended && Autoreset == AutoresetMode.SameStep)
        {
            environment.Observe(_finals.AsSpan(index * _observationBytes, _observationBytes));
            if (Spec.MaskedActions is > 0 and var actions)
                environment.LegalActions(_finalLegalActions.AsSpan(index * actions, actions));
            environment.Reset();
            _hasFinal[index] = true;
        }

        if (_observations != null)
            ObserveOne(index);
        _phases[index] = result.Ended && Autoreset != AutoresetMode.SameStep ? EpisodePhase.Ended : EpisodePhase.Running;
    }

    private void ReadFinal(int index, BinaryReader reader)
    {
        reader.ReadExactly(_finals.AsSpan(index * _observationBytes, _observationBytes));
        int actions = Spec.MaskedActions;
        for (int action = 0; action < actions; action++)
            _finalLegalActions[index * actions + action] = reader.ReadBoolean();
    }

    private void ObserveOne(int index) =>
        Environments[index].Observe(new Span<byte>(_observations + (long)index * _observationBytes, _observationBytes));

    private void Run(EnvironmentWork work)
    {
        if (_team.Run(work) is (var index, { } failure))
            throw new InvalidOperationException($"{Name(index)}: {work.Name} failed: {failure.Message}", failure);
    }

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(VectorEnvironment), "Step all from one thread: the vector spreads the work over threads by itself.");

    private string Name(int index) => $"Environment {index} of {Count} ({Spec.Name})";

    private void ThrowIfNotSteppable(ReadOnlySpan<int> actions, ReadOnlySpan<StepResult> results)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfNotOneEach(actions.Length, nameof(actions));
        ThrowIfNotOneEach(results.Length, nameof(results));
        int actionCount = Spec.ActionCount;
        for (int i = 0; i < actions.Length; i++)
        {
            if ((uint)actions[i] >= (uint)actionCount)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(actions), actions[i],
                    $"{Name(i)}: expected an action from 0 to {actionCount - 1}, got {actions[i]}.");
            }

            if (_phases[i] == EpisodePhase.New)
                throw new InvalidOperationException($"{Name(i)}: call Reset before Step.");
            if (_phases[i] == EpisodePhase.Ended && Autoreset == AutoresetMode.Disabled)
            {
                throw new InvalidOperationException(
                    $"{Name(i)}: the episode has ended; call Reset with a mask before Step, or choose another " +
                    $"{nameof(AutoresetMode)}.");
            }
        }
    }

    private void ThrowIfNotOneEach(int length, string parameter)
    {
        if (length != Count)
            throw new ArgumentException($"Expected one element per environment, {Count}, got {length}.", parameter);
    }

    private void ThrowIfNotObservations(ReadOnlySpan<byte> observations)
    {
        if (observations.Length != ObservationBytes)
        {
            throw new ArgumentException(
                $"Expected a span of {ObservationBytes} bytes for {Count} observations of " +
                $"[{string.Join(", ", Spec.ObservationShape)}], got {observations.Length} bytes.",
                nameof(observations));
        }
    }

    private void ThrowIfNotSavable()
    {
        for (int i = 0; i < Count; i++)
        {
            if (!Environments[i].CanSaveState)
                throw new NotSupportedException($"{Name(i)} cannot save or load its state.");
        }
    }
}

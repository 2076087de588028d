using Dqn.Agents;
using Dqn.Replay;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// Updates on the device: a batch comes as its frames' places and a few numbers, or whole where the frames are not
/// there; targets and fit follow without a word to the processor, which waits once, for what was found, or while it has
/// other work, until the next update.
/// </summary>
internal sealed class TorchUpdater : IUpdater
{
    private readonly TorchQNetwork _network, _target;
    private readonly ReplayBuffer? _replay; // Where the frames are on the device.
    private readonly TorchTargets _targets;
    private readonly TorchFrames? _frames;
    private readonly TorchTransfer _transfer;
    private readonly TorchStage _indices, _numbers;
    private readonly bool _late, _weighted;
    private Tensor? _found; // By the last update, not read yet.
    private LearnResult? _unreported;

    public TorchUpdater(
        TorchQNetwork network, TorchQNetwork target, IReplaySource replay, DqnOptions options, TorchFrames? frames)
    {
        (_network, _target, _replay, _frames) = (network, target, replay.Local, frames);
        _targets = new TorchTargets(options, network.Distributions);
        _transfer = network.MakeTransfer();
        _indices = new TorchStage(network.Device, ScalarType.Int64);
        _numbers = new TorchStage(network.Device, ScalarType.Float32);
        _late = network.EngineOptions.LateResults ?? network.IsOnCuda;
        _weighted = replay.IsPrioritized;
    }

    /// <inheritdoc/>
    public BatchObservations Observations => _frames is null ? BatchObservations.Both : BatchObservations.None;

    /// <inheritdoc/>
    public LearnResult? Unreported
    {
        get
        {
            if (_found is not null)
            {
                _unreported = _network.Read(_found, []);
                _found.Dispose();
                _found = null;
            }

            return _unreported;
        }

        set
        {
            _found?.Dispose();
            (_found, _unreported) = (null, value);
        }
    }

    /// <inheritdoc/>
    public LearnResult Update(TransitionBatch batch, Augmentation? augmentation, Span<float> tdErrors)
    {
        // Once that has come, the device has used up all that was sent to it: the stages may be written again.
        LearnResult? before = Unreported;
        _frames?.Update();

        using DisposeScope scope = NewDisposeScope();
        Batch sent = Send(batch, augmentation);
        Tensor found = _network.FitTowards(sent.Observations, sent.Actions, Targets(sent), sent.Weights);
        if (!_late || !tdErrors.IsEmpty)
        {
            _unreported = null;
            return _network.Read(found, tdErrors);
        }

        _found = found.DetachFromDisposeScope();
        return before ?? Unreported!.Value;
    }

    public void Dispose()
    {
        _found?.Dispose();
        _frames?.Dispose();
        _targets.Dispose();
        _transfer.Dispose();
        _indices.Dispose();
        _numbers.Dispose();
    }

    private Tensor Targets(Batch batch)
    {
        using IDisposable noGradient = no_grad();
        Tensor rewards = batch.Rewards, outputs;
        if (_targets.UsesTaken)
        {
            // Both halves at once: on a GPU twice the batch costs little more.
            Tensor both = _target.Forward(batch.Both, training: false);
            rewards = _targets.AddTaken(rewards, batch.Actions, both.narrow(0, 0, batch.Size), batch.Legality);
            outputs = both.narrow(0, batch.Size, batch.Size);
        }
        else
        {
            outputs = _target.Forward(batch.NextObservations, training: false);
        }

        Tensor? selector = _targets.UsesSelector ? _network.Forward(batch.NextObservations, training: false) : null;
        return _targets.Targets(rewards, batch.Discounts, outputs, selector, batch.NextLegality);
    }

    private Batch Send(TransitionBatch batch, Augmentation? augmentation)
    {
        int size = batch.Size;
        int masks = size * batch.MaskedActions;
        Tensor numberRoom = _numbers.Room((3 * size) + (2 * masks));
        Span<float> numbers = TorchStage.Memory<float>(numberRoom);
        batch.Rewards.CopyTo(numbers);
        batch.Discounts.CopyTo(numbers[size..]);
        batch.Weights.CopyTo(numbers[(2 * size)..]);
        WriteLegality(batch.LegalActions, numbers.Slice(3 * size, masks));
        WriteLegality(batch.NextLegalActions, numbers.Slice((3 * size) + masks, masks));
        Tensor sent = _numbers.Send(numberRoom);

        // [actions, frames' places of both observations, rows' pixels, columns]
        bool augmented = _frames is not null && augmentation is not null;
        int stacks = _frames is null ? 0 : 2 * size * _replay!.StackedFrames;
        int rows = augmented ? 2 * size * augmentation!.Height : 0;
        int columns = augmented ? 2 * size * augmentation!.Width : 0;
        Tensor indexRoom = _indices.Room(size + stacks + rows + columns);
        Span<long> indices = TorchStage.Memory<long>(indexRoom);
        for (int i = 0; i < size; i++)
            indices[i] = batch.Actions[i];
        Span<long> places = indices.Slice(size, stacks);
        if (_frames is not null)
            _replay!.ReadPlaces(batch, places[..(stacks / 2)], places[(stacks / 2)..]);
        if (augmented)
            TorchAugmentation.Write(augmentation!, size, indices.Slice(size + stacks, rows), indices[^columns..]);
        Tensor index = _indices.Send(indexRoom);

        Tensor observations = _frames is null
            ? _transfer.Send(2 * size, batch.Observations, batch.NextObservations)
            : _frames.Gather(index.narrow(0, size, stacks));
        if (augmented)
        {
            observations = TorchAugmentation.Apply(
                observations.view(2 * size, -1, augmentation!.Height * augmentation.Width),
                index.narrow(0, size + stacks, rows).view(2 * size, -1),
                index.narrow(0, size + stacks + rows, columns).view(2 * size, -1));
        }

        return new Batch(
            size, _transfer.Scale(_network.Shaped(observations, 2 * size)), index.narrow(0, 0, size),
            sent.narrow(0, 0, size), sent.narrow(0, size, size), _weighted ? sent.narrow(0, 2 * size, size) : null,
            Legality(3 * size), Legality((3 * size) + masks));

        Tensor? Legality(int start) => masks == 0 ? null : sent.narrow(0, start, masks).view(size, -1);
    }

    private static void WriteLegality(ReadOnlySpan<bool> legalActions, Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = legalActions[i] ? 0 : TorchTargets.Illegal;
    }

    /// <summary>A batch on the device.</summary>
    /// <param name="Size">How many transitions.</param>
    /// <param name="Both">Observations, then next observations, as the module takes them: [2 · batch, shape].</param>
    /// <param name="Actions">[batch], indices.</param>
    /// <param name="Rewards">[batch].</param>
    /// <param name="Discounts">[batch].</param>
    /// <param name="Weights">[batch], or null for all 1.</param>
    /// <param name="Legality">At the observations, [batch, actions], 0 or very low; null: all actions are legal.</param>
    /// <param name="NextLegality">Likewise at the next observations.</param>
    private readonly record struct Batch(
        int Size, Tensor Both, Tensor Actions, Tensor Rewards, Tensor Discounts, Tensor? Weights, Tensor? Legality,
        Tensor? NextLegality)
    {
        public Tensor Observations => Both.narrow(0, 0, Size);

        public Tensor NextObservations => Both.narrow(0, Size, Size);
    }
}

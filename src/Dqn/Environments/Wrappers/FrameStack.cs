using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Shows the last frames as one observation, oldest first: [height, width] becomes [frames, height, width],
/// [channels, height, width] becomes [frames · channels, height, width], [features] becomes [frames, features]. After a
/// reset the first frame stands in every place. Frames are drawn when somebody looks, or just before the next step
/// because later stacks still hold them.
/// </summary>
public sealed class FrameStack : EnvironmentWrapper
{
    private readonly byte[] _frames;
    private readonly int _frameBytes;

    // The newest frame is drawn when someone looks, or at the latest before the next step, which would lose it.
    private bool _newestMissing = true;
    private bool _allMissing = true;
    private int _newest;

    /// <summary>Stacks the last frames.</summary>
    /// <param name="inner">The environment to wrap; its observations are single frames.</param>
    /// <param name="frames">How many, at least 1.</param>
    /// <exception cref="ArgumentException">
    /// The observations are stacks already, or pictures with their channels last.
    /// </exception>
    public FrameStack(IEnvironment inner, int frames = 4)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        var spec = inner.Spec;
        if (spec.StackedFrames != 1)
        {
            throw new ArgumentException(
                $"{spec.Name}: expected single frames, got stacks of {spec.StackedFrames}.", nameof(inner));
        }

        Spec = spec.Layout switch
        {
            ObservationLayout.ChannelsLast => throw new ArgumentException(
                $"{spec.Name}: expected frames of [height, width] or [channels, height, width], got " +
                $"[{string.Join(", ", spec.ObservationShape)}] with channels last. .WithPixels(height, width) makes " +
                "them trainable; or put .WithGreyCrop(…) or .WithChannelsFirst() before .WithFrameStack().", nameof(inner)),
            ObservationLayout.ChannelsFirst => spec with
            {
                ObservationShape =
                    [checked(frames * spec.ObservationShape[0]), spec.ObservationShape[1], spec.ObservationShape[2]],
                StackedFrames = frames,
            },
            ObservationLayout.Grey => spec with
            {
                ObservationShape = [frames, .. spec.ObservationShape],
                StackedFrames = frames,
                Layout = ObservationLayout.ChannelsFirst,
            },
            _ => spec with { ObservationShape = [frames, .. spec.ObservationShape], StackedFrames = frames },
        };
        _frameBytes = Spec.FrameBytes;
        _frames = new byte[Spec.ObservationBytes];
    }

    /// <inheritdoc/>
    public override EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        (_newest, _newestMissing, _allMissing) = (0, true, true);
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        Draw();
        var result = Inner.Step(action);
        _newest = (_newest + 1) % Spec.StackedFrames;
        _newestMissing = true;
        return result;
    }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Draw();
        int oldest = (_newest + 1) % Spec.StackedFrames * _frameBytes;
        _frames.AsSpan(oldest).CopyTo(observation);
        _frames.AsSpan(0, oldest).CopyTo(observation[^oldest..]);
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        writer.Write(_newest);
        writer.Write(_newestMissing);
        writer.Write(_allMissing);
        writer.Write(_frames);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        int newest = reader.ReadInt32();
        bool newestMissing = reader.ReadBoolean(), allMissing = reader.ReadBoolean();
        if ((uint)newest >= (uint)Spec.StackedFrames || (allMissing && !newestMissing))
        {
            throw new InvalidDataException(
                $"Frame stack of {Spec.StackedFrames}: frame {newest} cannot be the newest.");
        }

        reader.ReadExactly(_frames);
        Inner.LoadState(reader);
        (_newest, _newestMissing, _allMissing) = (newest, newestMissing, allMissing);
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) =>
        numbers["frames"] = Spec.StackedFrames;

    private void Draw()
    {
        if (!_newestMissing)
            return;
        var newest = _frames.AsSpan(_newest * _frameBytes, _frameBytes);
        Inner.Observe(newest);
        if (_allMissing)
        {
            for (int i = 0; i < Spec.StackedFrames; i++)
                newest.CopyTo(_frames.AsSpan(i * _frameBytes));
        }

        (_newestMissing, _allMissing) = (false, false);
    }
}

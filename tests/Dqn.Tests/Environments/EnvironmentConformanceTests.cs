using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

public class EnvironmentConformanceTests
{
    [Test]
    public void FindsNothingInAConformingEnvironment() =>
        Assert.That(EnvironmentConformance.List(() => new Sound()), Is.Empty);

    [Test]
    public void FindsNothingInWrappersAroundOne() => Assert.That(
        EnvironmentConformance.List(() => new CountingEnvironment(70, [10, 12, 3], 50)
            .WithTimeLimit(60)
            .WithStatistics()
            .WithNoOpStart(5)
            .WithFrameSkip(3)
            .WithGreyCrop(1, 2, 3, 4)
            .WithFrameStack(4)),
        Is.Empty);

    [Test]
    public void FindsNothingInCartPole() =>
        Assert.That(EnvironmentConformance.List(() => new CartPoleEnvironment().WithTimeLimit(15)), Is.Empty);

    [TestCase(typeof(SpecChanges), "Spec changes with Reset")]
    [TestCase(typeof(SpecVaries), "Spec differs between two environments")]
    [TestCase(typeof(StackMismatch), "StackedFrames is 2")]
    [TestCase(typeof(StackStandsStill), "does not move the stack of 2 frames on by one")]
    [TestCase(typeof(StackBeginsEmpty), "After Reset the stack is not the first frame 2 times")]
    [TestCase(typeof(EndsWithNaN), "An observation holds NaN")]
    [TestCase(typeof(CannotSaveBeforeReset), "While checking saving: InvalidOperationException")]
    [TestCase(typeof(StartsByLoading), "Step after loading the state from before the first Reset")]
    [TestCase(typeof(StepsBeforeReset), "Step before the first Reset")]
    [TestCase(typeof(ObservesBeforeReset), "Observe before the first Reset")]
    [TestCase(typeof(StepsAfterEnd), "Step after the episode's end")]
    [TestCase(typeof(TakesAnyAction), "Step(3)")]
    [TestCase(typeof(TakesNegativeActions), "Step(-1)")]
    [TestCase(typeof(WrongException), "expected ArgumentOutOfRangeException, got IndexOutOfRangeException")]
    [TestCase(typeof(CountsRefusedActions), "After refused calls")]
    [TestCase(typeof(TakesAnyLength), "Observe with 4 bytes")]
    [TestCase(typeof(LeavesBytesUnwritten), "leaves some unwritten")]
    [TestCase(typeof(ObservesDifferently), "Observe twice in a row")]
    [TestCase(typeof(ObservingMatters), "Observe changes the steps that follow")]
    [TestCase(typeof(IgnoresSeed), "Reset with the same seed:")]
    [TestCase(typeof(RemembersTheLastEpisode), "Reset with the same seed again")]
    [TestCase(typeof(ObservingDisturbs), "Observe changes the observations that follow")]
    [TestCase(typeof(AmbientReset), "After Reset without a seed")]
    [TestCase(typeof(RewardsNaN), "A reward is NaN")]
    [TestCase(typeof(ObservesInfinity), "An observation holds")]
    [TestCase(typeof(SaysItSaves), "While checking saving: NotSupportedException")]
    [TestCase(typeof(SavesWithoutSaying), "SaveState although CanSaveState is false")]
    [TestCase(typeof(ForgetsFrame), "After SaveState and LoadState: observations differ")]
    [TestCase(typeof(ForgetsStream), "After SaveState and LoadState: observations differ")]
    [TestCase(typeof(ForgetsEnd), "Step after loading the state of an ended episode")]
    [TestCase(typeof(ReadsTooLittle), "LoadState reads")]
    public void FindsTheDefect(Type broken, string expected)
    {
        var findings = EnvironmentConformance.List(
            () => (IEnvironment)Activator.CreateInstance(broken, nonPublic: true)!);
        Assert.That(findings, Has.Some.Contains(expected));
    }

    [Test]
    public void Throws_unless_asked_for_a_list()
    {
        Assert.That(() => EnvironmentConformance.Check(() => new Sound()), Throws.Nothing);
        EnvironmentConformanceException exception = Assert.Throws<EnvironmentConformanceException>(
            () => EnvironmentConformance.Check(() => new RewardsNaN()))!;
        Assert.That(exception.Findings, Is.EqualTo(EnvironmentConformance.List(() => new RewardsNaN())).And.Not.Empty);
        Assert.That(exception.Message, Does.Contain("A reward is NaN."));
    }

    private class Sound(int framesPerEpisode = 40) : CountingEnvironment(framesPerEpisode, null, 100);

    private sealed class SpecChanges : Sound
    {
        public override EnvironmentSpec Spec => Started ? base.Spec with { ActionCount = 4 } : base.Spec;
    }

    private sealed class SpecVaries : Sound
    {
        private static int s_made;

        public override EnvironmentSpec Spec { get; } =
            new Sound().Spec with { Name = $"Counting {Interlocked.Increment(ref s_made)}" };
    }

    private sealed class StackMismatch : Sound
    {
        public override EnvironmentSpec Spec => base.Spec with { StackedFrames = 2 };
    }

    private class Stacked(bool movesOn, bool beginsFull) : Sound
    {
        public override EnvironmentSpec Spec => base.Spec with { ObservationShape = [2, 3], StackedFrames = 2 };

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            if (movesOn ? Frame > 0 || !beginsFull : Frame > 0)
                observation[..3].Fill((byte)(observation[3] - (movesOn ? 1 : 2)));
        }
    }

    private sealed class StackStandsStill() : Stacked(movesOn: false, beginsFull: true);

    private sealed class StackBeginsEmpty() : Stacked(movesOn: true, beginsFull: false);

    private sealed class EndsWithNaN : Sound
    {
        public override EnvironmentSpec Spec => base.Spec with { ElementType = ElementType.Single };

        public override StepResult Step(int action)
        {
            StepResult result = base.Step(action);
            return result with { Terminated = false, Truncated = result.Ended };
        }

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            MemoryMarshal.Cast<byte, float>(observation).Fill(Ended ? float.NaN : Frame);
        }
    }

    private sealed class CannotSaveBeforeReset : Sound
    {
        public override void SaveState(BinaryWriter writer)
        {
            if (!Started)
                throw new InvalidOperationException("No episode to save.");
            base.SaveState(writer);
        }
    }

    private sealed class StartsByLoading : Sound
    {
        public override void LoadState(BinaryReader reader)
        {
            base.LoadState(reader);
            Started = true;
        }
    }

    private sealed class StepsBeforeReset : Sound
    {
        public override StepResult Step(int action)
        {
            Started = true;
            return base.Step(action);
        }
    }

    private sealed class ObservesBeforeReset : Sound
    {
        public override void Observe(Span<byte> observation)
        {
            Started = true;
            base.Observe(observation);
        }
    }

    private sealed class StepsAfterEnd : Sound
    {
        public override StepResult Step(int action)
        {
            Ended = false;
            return base.Step(action);
        }
    }

    private sealed class TakesAnyAction : Sound
    {
        public override StepResult Step(int action) => base.Step(Math.Clamp(action, 0, 2));
    }

    private sealed class TakesNegativeActions : Sound
    {
        public override StepResult Step(int action) => base.Step(Math.Max(action, 0));
    }

    private sealed class WrongException : Sound
    {
        public override StepResult Step(int action) =>
            action is < 0 or > 2 ? throw new IndexOutOfRangeException() : base.Step(action);
    }

    private sealed class CountsRefusedActions : Sound
    {
        public override StepResult Step(int action)
        {
            if (action is < 0 or > 2)
                Frame++;
            return base.Step(action);
        }
    }

    private sealed class TakesAnyLength : Sound
    {
        public override void Observe(Span<byte> observation)
        {
            var right = new byte[3];
            base.Observe(right);
            for (int i = 0; i < observation.Length; i++)
                observation[i] = right[0];
        }
    }

    private sealed class LeavesBytesUnwritten : Sound
    {
        public override void Observe(Span<byte> observation)
        {
            byte last = observation.IsEmpty ? (byte)0 : observation[^1];
            base.Observe(observation);
            observation[^1] = last;
        }
    }

    private sealed class ObservesDifferently : Sound
    {
        private byte _calls;

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            observation[0] = _calls++;
        }
    }

    private sealed class ObservingMatters : Sound
    {
        private int _looked;

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            _looked++;
        }

        public override StepResult Step(int action)
        {
            var result = base.Step(action);
            return result with { Reward = result.Reward + _looked };
        }
    }

    private sealed class ObservingDisturbs : Sound
    {
        private bool _looked;

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            _looked = true;
        }

        public override StepResult Step(int action)
        {
            if (_looked)
                Offset++;
            _looked = false;
            return base.Step(action);
        }
    }

    private sealed class IgnoresSeed : Sound
    {
        public override void Reset(ulong? seed = null) => base.Reset();
    }

    private sealed class RemembersTheLastEpisode : Sound
    {
        private byte _sum;

        public override void Reset(ulong? seed = null)
        {
            base.Reset(seed);
            Offset += _sum;
            _sum++;
        }
    }

    private sealed class AmbientReset() : Sound(1000)
    {
        public override void Reset(ulong? seed = null)
        {
            base.Reset(seed);
            if (seed is null)
                Offset = (byte)new Pcg64().Integer(256);
        }
    }

    private sealed class RewardsNaN : Sound
    {
        public override StepResult Step(int action) => base.Step(action) with { Reward = double.NaN };
    }

    private sealed class ObservesInfinity : Sound
    {
        public override EnvironmentSpec Spec => base.Spec with { ElementType = ElementType.Single };

        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            MemoryMarshal.Cast<byte, float>(observation).Fill(float.PositiveInfinity);
        }
    }

    private sealed class SaysItSaves : Sound
    {
        public override void SaveState(BinaryWriter writer) => throw new NotSupportedException("Not yet.");
    }

    private sealed class SavesWithoutSaying : Sound
    {
        public override bool CanSaveState => false;
    }

    private sealed class ForgetsFrame : Sound
    {
        public override void LoadState(BinaryReader reader)
        {
            base.LoadState(reader);
            Frame = 0;
        }
    }

    private sealed class ForgetsStream : Sound
    {
        public override void LoadState(BinaryReader reader)
        {
            base.LoadState(reader);
            Random.Seed(0);
        }
    }

    private sealed class ForgetsEnd : Sound
    {
        public override void LoadState(BinaryReader reader)
        {
            base.LoadState(reader);
            Ended = false;
        }
    }

    private sealed class ReadsTooLittle : Sound
    {
        public override void SaveState(BinaryWriter writer)
        {
            base.SaveState(writer);
            writer.Write(0);
        }
    }
}

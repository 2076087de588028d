using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.Environments.Wrappers;

public class RewardTimeoutTests
{
    [Test]
    public void Steps_in_a_row_without_reward_cut_the_episode_off()
    {
        using var environment = new Rewards(0, -1, 2, 0, 0, -0.1, 5).WithRewardTimeout(3);
        environment.Reset();
        bool[] truncated = [.. Enumerable.Range(0, 6).Select(_ => environment.Step(0).Truncated)];
        Assert.That(truncated, Is.EqualTo(new[] { false, false, false, false, false, true }));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException.With.Message.Contains("Reset"));
        environment.Reset();
        Assert.That(environment.Step(0).Truncated, Is.False, "a new episode has all its steps again");
    }

    [Test]
    public void Or_terminate_it()
    {
        using var environment = new Rewards(1, 0, 0, 5).WithRewardTimeout(2, terminates: true);
        environment.Reset();
        StepResult[] results = [.. Enumerable.Range(0, 3).Select(_ => environment.Step(0))];
        Assert.That(results, Is.EqualTo(new StepResult[] { new(1, false, false), new(0, false, false), new(0, true, false) }));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException.With.Message.Contains("Reset"));
    }

    [Test]
    public void Rewards_and_termination_pass_through()
    {
        using var environment = new Rewards(1, 0, 3).WithRewardTimeout(5);
        environment.Reset();
        StepResult[] results = [.. Enumerable.Range(0, 3).Select(_ => environment.Step(0))];
        Assert.That(results.Select(result => result.Reward), Is.EqualTo(new double[] { 1, 0, 3 }));
        Assert.That(results[^1], Is.EqualTo(new StepResult(3, true, false)));
    }

    [Test]
    public void It_conforms_and_saves_its_state() => Assert.That(
        EnvironmentConformance.List(() => new CarRacingEnvironment().WithRewardTimeout(7), steps: 60), Is.Empty);

    [Test]
    public void Saved_counts_go_on()
    {
        using var environment = new Rewards(0, 0, 0, 0).WithRewardTimeout(3);
        using var copy = new Rewards(0, 0, 0, 0).WithRewardTimeout(3);
        environment.Reset();
        environment.Step(0);
        environment.Step(0);
        using var memory = new MemoryStream();
        EnvironmentState.Save(environment, new BinaryWriter(memory));
        EnvironmentState.Load(copy, new BinaryReader(new MemoryStream(memory.ToArray())));
        Assert.That(copy.Step(0).Truncated, Is.True);
        using var other = new Rewards(0).WithRewardTimeout(4);
        Assert.That(
            () => EnvironmentState.Load(other, new BinaryReader(new MemoryStream(memory.ToArray()))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("steps was 3, is 4"));
        Assert.That(() => new Rewards(0).WithRewardTimeout(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Gives these rewards one after another; the last one terminates.</summary>
    private sealed class Rewards(params double[] rewards) : IEnvironment
    {
        private int _step;

        public EnvironmentSpec Spec { get; } = new()
        {
            Name = "Rewards",
            ObservationShape = [1],
            ElementType = ElementType.Byte,
            ActionCount = 1,
        };

        public bool CanSaveState => true;

        public void Reset(ulong? seed = null) => _step = 0;

        public StepResult Step(int action) => new(rewards[_step++], _step == rewards.Length, false);

        public void Observe(Span<byte> observation) => observation[0] = (byte)_step;

        public void SaveState(BinaryWriter writer) => writer.Write(_step);

        public void LoadState(BinaryReader reader) => _step = reader.ReadInt32();

        public void Dispose()
        {
        }
    }
}

using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Tests.Agents;

/// <summary>A network is compared with what it is to see and with what options say, not by its bytes.</summary>
public sealed class NetworkMatchTests
{
    private static readonly EnvironmentSpec s_last = new()
    {
        Name = "Picture",
        ObservationShape = [84, 84, 4],
        ElementType = ElementType.Byte,
        Layout = ObservationLayout.ChannelsLast,
        ActionCount = 2,
    };

    [Test]
    public void Equal_bytes_in_another_layout_are_refused_everywhere()
    {
        using QNetwork network = Network(4, 84, 84);
        using var environment = new Still(s_last);
        Refuses(() => new DqnAgent(network, s_last, new DqnOptions(), 1));
        Refuses(() => new GreedyPolicy(network, s_last));
        Refuses(() => new Evaluator(environment).Evaluate(network));

        static void Refuses(Action call) => Assert.That(call, Throws.ArgumentException.With.Message
            .Contains("Picture's observations, bytes [84, 84, 4], got one for bytes [4, 84, 84]").And.Message
            .Contains("WithPixels"));
    }

    [Test]
    public void Bytes_are_not_taken_for_numbers()
    {
        EnvironmentSpec numbers = new() { Name = "Numbers", ObservationShape = [3], ElementType = ElementType.Single, ActionCount = 2 };
        using QNetwork network = new(new Sequential([12], pixels: true, [new Linear("fc1", 2)]), new Pcg64(1));
        Assert.That(
            () => new DqnAgent(network, numbers, new DqnOptions(), 1),
            Throws.ArgumentException.With.Message.Contains("single-precision numbers [3], got one for bytes [12]")
                .And.Message.Contains("pixels: false"));
    }

    [Test]
    public void What_lies_in_memory_alike_fits()
    {
        using QNetwork flat = new(
            new Sequential([84 * 84 * 4], pixels: true, [new Linear("fc1", 2)]), new Pcg64(1)), one = Network(1, 84, 84);
        EnvironmentSpec grey = s_last with { ObservationShape = [84, 84], Layout = ObservationLayout.Grey };
        EnvironmentSpec last = s_last with { ObservationShape = [84, 84, 1] };
        Assert.Multiple(() =>
        {
            Assert.That(() => new GreedyPolicy(flat, s_last).Dispose(), Throws.Nothing);
            Assert.That(() => new GreedyPolicy(one, grey).Dispose(), Throws.Nothing);
            Assert.That(() => new GreedyPolicy(one, last).Dispose(), Throws.Nothing);
        });
    }

    private static QNetwork Network(int channels, int height, int width) => new(
        new Sequential([channels, height, width], pixels: true, [new Flatten(), new Linear("fc1", 2)]), new Pcg64(1));

    private sealed class Still(EnvironmentSpec spec) : IEnvironment
    {
        public EnvironmentSpec Spec => spec;

        public void Reset(ulong? seed = null)
        {
        }

        public StepResult Step(int action) => new(0, true, false);

        public void Observe(Span<byte> observation) => observation.Clear();

        public void Dispose()
        {
        }
    }
}

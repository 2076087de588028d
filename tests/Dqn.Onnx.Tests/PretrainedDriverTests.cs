using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Onnx;
using Dqn.Training;

namespace Dqn.Tests.Onnx;

/// <summary>The pretrained driver drives by ONNX Runtime alone as it does here.</summary>
public class PretrainedDriverTests
{
    private const ulong FirstTrack = 20_000;

    [Test]
    public void It_takes_the_same_action_on_10_000_frames()
    {
        const int Frames = 10_000, Batch = 100;
        using var driver = CarRacingDriver.Load();
        using FrameStack track = driver.CreateEnvironment();
        using var policy = new GreedyPolicy(driver.Network, track);
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        int bytes = track.Spec.ObservationBytes;
        var frames = new byte[Batch * bytes];
        var expected = new long[Batch];
        ulong seed = FirstTrack;
        bool ended = true;
        for (int frame = 0; frame < Frames; frame++)
        {
            if (ended)
                track.Reset(seed++);
            Span<byte> observation = frames.AsSpan(frame % Batch * bytes, bytes);
            track.Observe(observation);
            int action = policy.Act(observation);
            expected[frame % Batch] = action;
            ended = track.Step(action).Ended;
            if (frame % Batch == Batch - 1)
                Assert.That(served.Ask<long>(OnnxNames.Action, frames, Batch), Is.EqualTo(expected), $"up to frame {frame}");
        }
    }

    [Test]
    public void Its_return_on_20_tracks_is_the_same()
    {
        using var driver = CarRacingDriver.Load();
        using FrameStack track = driver.CreateEnvironment();
        using var policy = new GreedyPolicy(driver.Network, track);
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        var evaluator = new Evaluator(track, new EvaluationOptions { FirstSeed = FirstTrack, Episodes = 20 });
        EvaluationResult expected = evaluator.Evaluate(policy.Act), actual = evaluator.Evaluate((now, _) => served.Act(now));
        Assert.That(actual.Episodes, Is.EqualTo(expected.Episodes));
        Assert.That(actual.Mean, Is.GreaterThan(900));
        TestContext.Out.WriteLine($"mean return over 20 tracks, through ONNX Runtime alone: {actual.Mean:0.00}");
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>Records that hold lists are equal by what those hold, and results read well in any culture.</summary>
public sealed class ValueEqualityTests
{
    [Test]
    public void Architectures_are_equal_by_value()
    {
        Sequential one = new([4], pixels: false, [new Linear("fc1", 8), new Relu(), new Linear("fc2", 2)]);
        Sequential same = new([4], pixels: false, [new Linear("fc1", 8), new Relu(), new Linear("fc2", 2)]);
        Sequential other = new([4], pixels: false, [new Linear("fc1", 9), new Relu(), new Linear("fc2", 2)]);
        Assert.That(same, Is.EqualTo(one));
        Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
        Assert.That(other, Is.Not.EqualTo(one));
        MlpActionValue ready = new(4, 2, 8), again = new(4, 2, 8);
        Assert.That(again, Is.EqualTo(ready));
        Assert.That(new MlpActionValue(5, 2, 8), Is.Not.EqualTo(ready));
    }

    [Test]
    public void Run_options_are_equal_by_value()
    {
        TrainingRunOptions one = Options(), same = Options();
        Assert.That(same, Is.EqualTo(one));
        Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
        TrainingRunOptions[] others =
        [
            one with { Folder = "y" }, one with { TotalSteps = 5 }, one with { MaxTime = TimeSpan.FromHours(1) },
            one with { Seed = 9 }, one with { EvaluationInterval = 5 }, one with { CheckpointInterval = 5 },
            one with { MetricInterval = 5 }, one with { WeightsExtension = ".safetensors" },
            one with { WeightsMetadata = null }, one with { WeightsMetadata = one.WeightsMetadata!.SetItem("task", "z") },
            one with { Conformance = () => throw new NotSupportedException() }, one with { Settings = [] },
        ];
        Assert.That(others, Has.None.EqualTo(one));
        Assert.That(others, Has.Length.EqualTo(typeof(TrainingRunOptions).GetProperties().Length + 1), "each property");

        static TrainingRunOptions Options() => new()
        {
            Folder = "x",
            WeightsMetadata = ImmutableDictionary<string, string>.Empty.Add("task", "y"),
            Settings = new JsonObject { ["a"] = 1 },
        };
    }

    [Test]
    public void Results_are_equal_by_value_and_read_well()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            EvaluationResult one = Result(2.5), same = Result(2.5);
            Assert.That(same, Is.EqualTo(one));
            Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
            Assert.That(Result(2.25), Is.Not.EqualTo(one));
            Assert.That(one.ToString(), Is.EqualTo("mean 1.75 ± 0.75, 1.0 … 2.5, over 2 episodes from seed 7"));
            Assert.That(one.Episodes[1].ToString(), Is.EqualTo("return 2.5 in 4 steps, truncated"));
            LearnResult learnt = new(0.125f, -2, 0.5f, null);
            Assert.That(learnt.ToString(), Is.EqualTo("loss 0.125, mean value -2, TD error 0.5"));
            Assert.That((learnt with { GradientNorm = 1.5f }).ToString(), Does.EndWith(", gradient norm 1.5"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        static EvaluationResult Result(double last) =>
            new(7, [new EpisodeSummary(1, 3, true, false, 3), new EpisodeSummary(last, 4, false, true, 4)]);
    }
}

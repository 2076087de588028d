using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Media;
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
            one with { CheckpointTime = null },
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
    public void Plots_are_equal_by_value()
    {
        LinePlot plot = Plot(), same = Plot();
        Assert.That(same, Is.EqualTo(plot));
        Assert.That(same.GetHashCode(), Is.EqualTo(plot.GetHashCode()));
        LinePlot[] plots =
        [
            plot with { Title = "a" }, plot with { XLabel = "a" }, plot with { YLabel = "a" }, plot with { Series = [] },
            plot with { ReferenceLines = [] }, plot with { Width = 300 }, plot with { Height = 300 }, plot with { XMin = 0 },
            plot with { XMax = 9 }, plot with { YMin = 0 }, plot with { YMax = 9 },
        ];
        Assert.That(plots, Has.None.EqualTo(plot));
        Assert.That(plots, Has.Length.EqualTo(typeof(LinePlot).GetProperties().Length), "each property");

        LineSeries line = Plot().Series[0];
        LineSeries[] lines =
        [
            line with { Name = "b" }, line with { X = [1, 3] }, line with { Y = [1, 2] }, line with { BandLow = null },
            line with { BandHigh = [3] }, line with { LineWidth = 1 }, line with { Markers = true },
            line with { Opacity = 0.5 }, line with { Color = null },
        ];
        Assert.That(lines, Has.None.EqualTo(line));
        Assert.That(lines, Has.Length.EqualTo(typeof(LineSeries).GetProperties().Length), "each property");

        static LinePlot Plot() => new()
        {
            Series = [new LineSeries("a", [1, 2], [double.NaN, 4]) { BandLow = [0, 3], BandHigh = [1, 5], Color = new(1, 2, 3) }],
            ReferenceLines = [new ReferenceLine(3, "three")],
        };
    }

    // The compiler's own equality of a record compares lists, and other objects, by reference.
    [TestCaseSource(nameof(Libraries))]
    public void A_record_that_holds_a_list_compares_what_it_holds(Assembly library)
    {
        IEnumerable<string> byReference =
            from type in library.GetExportedTypes()
            where type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null
            let own = type.GetMethod("Equals", [type])
            where own?.GetCustomAttribute<CompilerGeneratedAttribute>() is not null
            from field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
            where !IsByValue(field.FieldType)
            select $"{type.Name}: {field.Name}";
        Assert.That(byReference, Is.Empty);
    }

    private static IEnumerable<Assembly> Libraries => [typeof(DqnAgent).Assembly, typeof(CarRacingEnvironment).Assembly];

    private static bool IsByValue(Type type) =>
        type == typeof(string) || typeof(Delegate).IsAssignableFrom(type) ||
        (type.IsValueType
            ? !typeof(IEnumerable).IsAssignableFrom(type)
            : type.GetMethod("Equals", [typeof(object)])!.DeclaringType != typeof(object));

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

using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

public class CarRacingDriverTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dqn-driver-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_pretrained_driver_finishes_a_lap()
    {
        using var driver = CarRacingDriver.Load();
        using FrameStack environment = driver.CreateEnvironment();
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Reset(20_000);
        for (StepResult result = default; !result.Ended; result = environment.Step(driver.Act(observation)))
            environment.Observe(observation);
        Assert.That(environment.Find<EpisodeStatistics>()!.Return, Is.GreaterThan(900));
        Assert.That(environment.Find<CarRacingEnvironment>()!.IsLapFinished);
        Assert.That(driver.Assumptions, Is.Empty);
        Assert.That(driver.Pixels, Is.EqualTo(new PixelPipeline { NoOpFrames = 0, TileContrast = true, Downscale = 2 }));
    }

    [Test]
    public void A_file_says_its_pipeline([Values] bool contrast)
    {
        PixelPipeline pixels = new() { Frames = 77, NoOpFrames = 3, TileContrast = contrast, Downscale = 2 };
        using FrameStack environment = pixels.Create();
        string path = Write(new CompactCnnActionValue(4, 5), PolicyMetadata.Of(environment.Spec, environment.Describe()));
        using var driver = CarRacingDriver.Load(path);
        Assert.That(driver.Pixels, Is.EqualTo(pixels));
        using var other = CarRacingDriver.Load(path, noOpFrames: 0, tileContrast: !contrast);
        Assert.That(other.Pixels, Is.EqualTo(pixels with { NoOpFrames = 0, TileContrast = !contrast }));
    }

    [Test]
    public void A_file_says_what_the_actions_do()
    {
        PixelPipeline pixels = new() { Downscale = 2 };
        using FrameStack environment = pixels.Create(new CarRacingOptions { Actions = CarActions.Nine });
        ImmutableDictionary<string, string> metadata = PolicyMetadata.Of(environment.Spec, environment.Describe());
        using var driver = CarRacingDriver.Load(Write(new CompactCnnActionValue(4, 9), metadata));
        Assert.That(driver.Actions.Equals(CarActions.Nine));
        using FrameStack task = driver.CreateEnvironment(new CarRacingOptions { LapEndsOnPercentage = true });
        string description = task.Describe().ToJsonString();
        Assert.That(task.Spec.ActionCount, Is.EqualTo(9));
        Assert.That(description, Does.Contain("lapEndsOnPercentage").And.Contain("[0.6,0.4,0]"));
    }

    [Test]
    public void Nine_actions_without_a_table_are_refused() => Assert.That(
        () => CarRacingDriver.Load(Write(new CompactCnnActionValue(4, 9), ImmutableDictionary<string, string>.Empty)),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("actions"));

    [TestCase("no_op_frames", "2147483647", "0 … 1000")]
    [TestCase("no_op_frames", "-1", "0 … 1000")]
    [TestCase("no_op_frames", "many", "Int32 as no_op_frames")]
    [TestCase("tile_contrast", "perhaps", "Boolean as tile_contrast")]
    [TestCase("environment", "[", "environment")]
    [TestCase("environment", """{ "kind": "NoOpStart", "steps": 100000 }""", "0 … 1000")]
    [TestCase("environment", """{ "kind": "TimeLimit", "frames": "long" }""", "best")]
    public void A_pipeline_that_cannot_be_is_refused(string key, string value, string named) => Assert.That(
        () => CarRacingDriver.Load(Write(new CnnActionValue(4, 5), ImmutableDictionary<string, string>.Empty.Add(key, value))),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));

    [Test]
    public void A_file_that_is_not_there_is_named() => Assert.That(
        () => CarRacingDriver.Load(Path.Combine(_folder, "nowhere.pt")),
        Throws.TypeOf<FileNotFoundException>().With.Message.Contains("nowhere.pt"));

    private string Write(Sequential architecture, ImmutableDictionary<string, string> metadata)
    {
        string path = Path.Combine(_folder, "best.safetensors");
        using var network = new QNetwork(architecture, new Pcg64(1));
        NetworkFile.Write(path, network, metadata);
        return path;
    }
}

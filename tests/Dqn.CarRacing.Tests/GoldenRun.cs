using System.Globalization;
using System.Text.Json;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing;

/// <summary>A golden episode: its actions, what each frame measured, and the pictures that were kept.</summary>
internal sealed class GoldenRun
{
    public static readonly string[] Names =
        ["random", "lap", "leave-playfield", "idle-then-go", "continuous", "donuts", "domain-randomized"];

    private readonly bool _continuous;
    private readonly string[][] _rows;

    public GoldenRun(string name)
    {
        using var document = JsonDocument.Parse(GoldenFiles.ReadBytes("carracing/episodes.json"));
        var episode = document.RootElement.EnumerateArray().Single(e => e.GetProperty("name").GetString() == name);
        Seed = episode.GetProperty("seed").GetUInt64();
        Return = double.Parse(episode.GetProperty("ret").GetString()!, CultureInfo.InvariantCulture);
        _continuous = episode.GetProperty("continuous").GetBoolean();
        Options = new CarRacingOptions { DomainRandomize = episode.TryGetProperty("domain_randomize", out _) };
        FrameIndex = [.. episode.GetProperty("frame_index").EnumerateArray().Select(e => e.GetInt32())];
        RenderIndex = [.. episode.GetProperty("rgb_index").EnumerateArray().Select(e => e.GetInt32())];
        _rows = [.. GoldenFiles.ReadCsv($"carracing/{name}.csv.gz")];
        Frames = GoldenFiles.ReadBytes($"carracing/{name}.frames.gz");
        Renders = RenderIndex.Length == 0 ? [] : GoldenFiles.ReadBytes($"carracing/{name}.rgb600x400.gz");
    }

    public CarRacingOptions Options { get; }

    public ulong Seed { get; }

    public double Return { get; }

    /// <summary>How many frames were stepped; frame 0 is what the reset showed.</summary>
    public int Length => _rows.Length - 1;

    public int[] FrameIndex { get; }

    public int[] RenderIndex { get; }

    public byte[] Frames { get; }

    public byte[] Renders { get; }

    public StepResult Step(CarRacingEnvironment environment, int frame)
    {
        string[] row = _rows[frame];
        return _continuous
            ? environment.Step(new CarControls(Number(row[1]), Number(row[2]), Number(row[3])))
            : environment.Step(int.Parse(row[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Reward, terminated, tiles visited, then the physics columns.</summary>
    public double[] Expected(int frame) => [.. _rows[frame].Skip(_continuous ? 4 : 2).Select(Number)];

    /// <summary>The same of an environment.</summary>
    public static double[] Actual(CarRacingEnvironment environment, StepResult result)
    {
        var dynamics = environment.Car.Dynamics;
        List<double> values =
            [result.Reward, result.Terminated ? 1 : 0, environment.TilesVisited, .. Columns(dynamics.Hull)];
        for (int i = 0; i < 4; i++)
        {
            var wheel = environment.Car.Wheels[i];
            values.AddRange(Columns(dynamics.Wheel(i)));
            values.AddRange(
                [wheel.Omega, wheel.Phase, dynamics.JointAngle(i), wheel.Gas, wheel.Brake, wheel.Steer, wheel.Tiles]);
        }

        return [.. values];
    }

    private static double[] Columns(BodyState body) =>
        [body.X, body.Y, body.Angle, body.VelocityX, body.VelocityY, body.AngularVelocity];

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}

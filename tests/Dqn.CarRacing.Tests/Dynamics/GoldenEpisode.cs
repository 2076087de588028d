using System.Globalization;
using System.Text.Json;
using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

/// <summary>One of the measured episodes: its track, its actions and what every frame was.</summary>
internal sealed class GoldenEpisode
{
    public static readonly string[] Names =
        ["random", "lap", "leave-playfield", "idle-then-go", "continuous", "donuts", "domain-randomized"];

    private readonly string[][] _rows;
    private readonly bool _continuous;

    public GoldenEpisode(string name)
    {
        Name = name;
        _rows = [.. GoldenFiles.ReadCsv($"carracing/{name}.csv.gz")];
        using var json = JsonDocument.Parse(GoldenFiles.ReadBytes("carracing/episodes.json"));
        var episode = json.RootElement.EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);
        _continuous = episode.GetProperty("continuous").GetBoolean();
        var random = new Pcg64(episode.GetProperty("seed").GetUInt64());
        if (episode.TryGetProperty("domain_randomize", out var randomized) && randomized.GetBoolean())
        {
            // The colours of road and background, and which channel of the grass is brighter.
            for (int i = 0; i < 6; i++)
                random.NextDouble();
            random.Integer(3);
        }

        Track = Track.Generate(random);
    }

    public string Name { get; }

    public Track Track { get; }

    /// <summary>How many frames there are, that after the reset included.</summary>
    public int Frames => _rows.Length;

    private int FirstColumn => _continuous ? 4 : 2;

    /// <summary>Drives to a frame: frame 0 is the step without an action that a reset ends with.</summary>
    public void Step(Car car, int frame)
    {
        var row = _rows[frame];
        if (frame > 0 && _continuous)
        {
            car.Steer(-Number(row[1]));
            car.Gas(Number(row[2]));
            car.Brake(Number(row[3]));
        }
        else if (frame > 0)
        {
            int action = int.Parse(row[1], CultureInfo.InvariantCulture);
            car.Steer(action == 1 ? -0.6 : action == 2 ? 0.6 : 0.0);
            car.Gas(action == 3 ? 0.2 : 0.0);
            car.Brake(action == 4 ? 0.8 : 0.0);
        }

        car.Step();
    }

    /// <summary>Compares every column of bodies and wheels, bit by bit.</summary>
    public void AssertFrame(Car car, int frame)
    {
        var expected = _rows[frame].AsSpan(FirstColumn + 3);
        var hull = car.Dynamics.Hull;
        Span<double> actual = stackalloc double[6 + 4 * 13];
        int column = 0;
        Body(hull, actual);
        for (int wheel = 0; wheel < 4; wheel++)
        {
            Body(car.Dynamics.Wheel(wheel), actual);
            var state = car.Wheels[wheel];
            actual[column++] = state.Omega;
            actual[column++] = state.Phase;
            actual[column++] = car.Dynamics.JointAngle(wheel);
            actual[column++] = state.Gas;
            actual[column++] = state.Brake;
            actual[column++] = state.Steer;
            actual[column++] = state.Tiles;
        }

        Assert.That(column, Is.EqualTo(expected.Length));
        for (int i = 0; i < column; i++)
        {
            if (BitConverter.DoubleToInt64Bits(actual[i]) != BitConverter.DoubleToInt64Bits(Number(expected[i])))
                Assert.Fail($"{Name}, frame {frame}, column {i}: expected {expected[i]}, got {actual[i]:R}.");
        }

        void Body(BodyState body, Span<double> values)
        {
            values[column++] = body.X;
            values[column++] = body.Y;
            values[column++] = body.Angle;
            values[column++] = body.VelocityX;
            values[column++] = body.VelocityY;
            values[column++] = body.AngularVelocity;
        }
    }

    /// <summary>How many tiles the episode has visited by a frame.</summary>
    public int TilesVisited(int frame) => int.Parse(_rows[frame][FirstColumn + 2], CultureInfo.InvariantCulture);

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}

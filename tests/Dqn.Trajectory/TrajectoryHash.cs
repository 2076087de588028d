using System.Globalization;
using System.Security.Cryptography;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Trajectory;

/// <summary>SHA-256 over everything that a few long drives are made of; all numbers little-endian.</summary>
/// <param name="Reference">
/// Over what Gymnasium has too: for every frame, the reset's included, the hull's and the wheels' position, angle and
/// velocities and the joints' angles (binary32), the wheels' omega, phase, gas, brake and steer (binary64) and number
/// of tiles touched (int32), reward (binary64), terminated (byte), tiles visited (int32); after every tenth frame and
/// an episode's last the 96 × 96 observation, rows 84–95 × columns 0–13 (the number) as zeros. At last the
/// points (beta, x, y: binary64) of a hundred tracks, whose last bits single precision hides from the car. reference.py
/// computes the same from Gymnasium.
/// </param>
/// <param name="Own">
/// Over what this library draws besides: the same observations with their number, after every fiftieth frame the
/// 84 × 84 grey picture, after every hundredth the 600 × 400 render.
/// </param>
/// <param name="Frames">How many frames were driven.</param>
public sealed record TrajectoryHash(string Reference, string Own, int Frames)
{
    private static readonly (ulong Seed, int[] Frames, bool Continuous, bool Randomize)[] Drives =
    [
        (3001, [700, 500], false, false),
        (3002, [700, 300], true, false),
        (3003, [300, 200], false, true),
    ];

    /// <summary>Drives and hashes.</summary>
    /// <param name="folder">Where each episode's actions are written; null for nowhere.</param>
    public static TrajectoryHash Compute(string? folder = null)
    {
        using var reference = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var own = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int frames = 0;
        foreach (var (seed, lengths, continuous, randomize) in Drives)
        {
            var environment = new CarRacingEnvironment(new CarRacingOptions { DomainRandomize = randomize });
            using var grey = environment.WithGreyCrop();
            var driver = new Driver(seed);
            for (int episode = 0; episode < lengths.Length; episode++)
            {
                // Only the first episode is seeded: the next begins where the stream stands.
                environment.Reset(episode == 0 ? seed : null);
                string mode = continuous ? "continuous" : randomize ? "dr" : "discrete";
                using StreamWriter? actions =
                    folder is null ? null : new StreamWriter(Path.Combine(folder, $"{seed}-{episode}-{mode}.csv"));
                actions?.WriteLine(continuous ? "steer,gas,brake" : "action");
                var hasher = new FrameHasher(environment, grey, reference, own);
                hasher.Add(0, default);
                for (int frame = 1; frame <= lengths[episode]; frame++)
                {
                    StepResult result;
                    if (continuous)
                    {
                        CarControls controls = driver.Drive(environment);
                        actions?.WriteLine(string.Create(
                            CultureInfo.InvariantCulture, $"{controls.Steer:R},{controls.Gas:R},{controls.Brake:R}"));
                        result = environment.Step(controls);
                    }
                    else
                    {
                        int action = driver.Choose(environment);
                        actions?.WriteLine(action);
                        result = environment.Step(action);
                    }

                    hasher.Add(frame, result);
                    frames++;
                    if (result.Ended)
                        break;
                }
            }
        }

        AddTracks(reference);
        return new TrajectoryHash(Hex(reference), Hex(own), frames);
    }

    private static void AddTracks(IncrementalHash hash)
    {
        using var numbers = new MemoryStream();
        var writer = new BinaryWriter(numbers);
        for (ulong seed = 0; seed < 100; seed++)
        {
            foreach (var tile in Track.Generate(new Pcg64(seed)).Tiles)
            {
                writer.Write(tile.Beta);
                writer.Write(tile.X);
                writer.Write(tile.Y);
            }
        }

        writer.Flush();
        hash.AppendData(numbers.GetBuffer().AsSpan(0, (int)numbers.Length));
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}

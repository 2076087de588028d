using System.Diagnostics;

namespace Dqn.Faults;

/// <summary>
/// Train, kill, resume, in a loop for as long as is asked: each round a run of another seed, killed at random moments until
/// it is finished, which must equal one of that seed that was never ended, byte for byte.
/// </summary>
internal sealed class Endurance(TimeSpan time, int seed)
{
    private const long Steps = 20_000;
    private const int LongestMilliseconds = 4000;

    public int Run()
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dqn-endurance-");
        int rounds = 0, kills = 0, lost = 0, different = 0;
        try
        {
            for (; clock.Elapsed < time; rounds++)
            {
                string killed = Path.Combine(folder.FullName, "killed"), whole = Path.Combine(folder.FullName, "whole");
                ulong runSeed = (ulong)seed + (ulong)rounds;
                int before = kills;
                long announced = 0;
                for (bool over = false; !over;)
                {
                    using var victim = new VictimProcess(killed, Steps, runSeed);
                    over = victim.WaitForExit(TimeSpan.FromMilliseconds(random.Next(LongestMilliseconds)));
                    victim.Kill();
                    kills += over ? 0 : 1;
                    announced = Math.Max(announced, victim.Announced);
                    if (Victim.Problem(killed, announced) is { } problem)
                    {
                        lost++;
                        Console.WriteLine($"round {rounds}, kill {kills}: {problem}");
                    }
                }

                using (var victim = new VictimProcess(whole, Steps, runSeed))
                    victim.WaitForExit();
                bool equal = Victim.Remains(whole).SequenceEqual(Victim.Remains(killed), Bytes.Comparer);
                different += equal ? 0 : 1;
                Console.WriteLine(
                    $"{clock.Elapsed.TotalMinutes:f1} min, round {rounds}: {kills - before} kills, {(equal ? "equal" : "DIFFERENT")}");
                Directory.Delete(killed, recursive: true);
                Directory.Delete(whole, recursive: true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Console.WriteLine(
            $"{rounds} runs of {Steps} steps, {kills} kills, {clock.Elapsed.TotalMinutes:f0} min: {lost} with something " +
            $"announced lost, {different} runs ended otherwise");
        return lost + different == 0 ? 0 : 1;
    }
}

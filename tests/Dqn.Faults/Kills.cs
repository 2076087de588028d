namespace Dqn.Faults;

/// <summary>Ends a run at random moments, in starting too, and resumes it.</summary>
internal sealed class Kills(int count, Random random)
{
    private const long Steps = 3000;

    public int Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dqn-kills-");
        int kills = 0, lost = 0, finished = 0, different = 0;
        try
        {
            string undisturbed = Path.Combine(folder.FullName, "undisturbed");
            using (var victim = new VictimProcess(undisturbed, Steps))
                victim.WaitForExit();
            List<byte[]> expected = Victim.Remains(undisturbed);

            for (int run = 0; kills < count; run++)
            {
                string name = Path.Combine(folder.FullName, $"run-{run}");
                long announced = 0;
                for (bool over = false; !over;)
                {
                    using var victim = new VictimProcess(name, Steps);
                    Wait(victim);
                    over = !victim.IsRunning;
                    victim.Kill();
                    kills += over ? 0 : 1;
                    announced = Math.Max(announced, victim.Announced);
                    if (Victim.Problem(name, announced) is { } problem)
                    {
                        lost++;
                        Console.WriteLine($"kill {kills}: {problem}");
                    }

                    over |= kills >= count;
                }

                using (var victim = new VictimProcess(name, Steps))
                    victim.WaitForExit();
                finished++;
                if (!expected.SequenceEqual(Victim.Remains(name), Bytes.Comparer))
                {
                    different++;
                    Console.WriteLine($"run {run}: it ended otherwise than one that was never ended.");
                }

                Directory.Delete(name, recursive: true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Console.WriteLine($"{kills} kills in {finished} runs: {lost} with something announced lost, {different} runs ended otherwise");
        return lost + different == 0 ? 0 : 1;
    }

    // Most in the midst of saving, some in starting and resuming.
    private void Wait(VictimProcess victim)
    {
        if (random.Next(4) == 0)
        {
            Thread.Sleep(random.Next(400));
            return;
        }

        while (victim is { IsRunning: true, Announced: 0 })
            Thread.Sleep(1);
        Thread.Sleep(random.Next(150));
    }
}

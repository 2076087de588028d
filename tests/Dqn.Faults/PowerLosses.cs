namespace Dqn.Faults;

/// <summary>
/// What the disk holds at a random moment is what a power loss then would leave: the disk is a file, and a copy of it is
/// mounted and looked at. The copy is one moment's, since it shares its blocks with the original (a reflink).
/// </summary>
internal sealed class PowerLosses(string fileSystem, int count, Random random)
{
    private const int CopiesPerRun = 4;

    public int Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dqn-power-");
        int lost = 0;
        try
        {
            using var host = new LoopDisk(
                LoopDisk.Format(Path.Combine(folder.FullName, "host.img"), "xfs", 8192), Path.Combine(folder.FullName, "host"));
            string image = LoopDisk.Format(Path.Combine(host.Folder, "disk.img"), fileSystem, 320);
            using var disk = new LoopDisk(image, Path.Combine(folder.FullName, "disk"));
            string after = Path.Combine(folder.FullName, "after");
            for (int copies = 0, run = 0; copies < count; run++)
            {
                string name = $"run-{run}";
                using var victim = new VictimProcess(Path.Combine(disk.Folder, "runs", name), long.MaxValue);
                for (int i = 0; i < CopiesPerRun && copies < count; i++, copies++)
                {
                    while (victim is { IsRunning: true, Announced: 0 })
                        Thread.Sleep(1);
                    Thread.Sleep(random.Next(500));
                    long announced = victim.Announced; // before the copy begins
                    string copy = Path.Combine(host.Folder, "copy.img");
                    LoopDisk.Run("cp", "--reflink=always", image, copy);
                    if (Look(copy, after, name, announced) is { } problem)
                    {
                        lost++;
                        Console.WriteLine($"copy {copies}: {problem}");
                    }
                }

                if (!victim.IsRunning)
                    throw new InvalidOperationException($"The run ended: {victim.Said}");
                victim.Kill();
                Directory.Delete(Path.Combine(disk.Folder, "runs", name), recursive: true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Console.WriteLine($"{count} power losses on {fileSystem}: {lost} with something announced lost");
        return lost == 0 ? 0 : 1;
    }

    private string? Look(string copy, string after, string name, long announced)
    {
        // A copied file system bears the original's number, which xfs refuses to mount twice; btrfs does since Linux 6.7.
        using var disk = new LoopDisk(copy, after, fileSystem == "xfs" ? "loop,nouuid" : "loop");
        return Victim.Problem(Path.Combine(disk.Folder, "runs", name), announced);
    }
}

using System.Globalization;
using Dqn.Faults;

// The long form of what the suite tests in short: a small training run is killed, its disk fails, its machine loses power,
// and each time the last checkpoint that it announced must load; and what goes on for long must not grow. Ends with code 0
// if nothing was lost and nothing grew. Linux only.
const string Usage = """
    Usage: dotnet run -c Release --project tests/Dqn.Faults -- ATTACK [COUNT] [SEED]

      kill [1000]                 ends the run at random moments and resumes it; the finished run must equal one that was
                                  never ended
      endure [60]                 the same for so many minutes, each round a longer run of another seed
      order                       reads the run's calls of the system, by strace: nothing older goes before what is newer
                                  lies on the disk
      fsync [0: all]              lets each call of fsync fail in turn, by strace: EIO, ENOSPC, EDQUOT
      powerloss-ext4 [100]        copies a loop-mounted disk at random moments, by cp --reflink, and mounts the copies;
      powerloss-xfs, -btrfs       needs root, mkfs.xfs and the mkfs of the file system
      soak-training [100000000]   so many steps of CartPole and an update for each hundred: memory and handles stay flat
      soak-racing [1000000]       so many of the agent's steps of CarRacing: the same
    """;

string attack = args.Length > 0 ? args[0] : "";
int count = Number(1, attack switch
{
    "kill" => 1000,
    "fsync" => 0,
    "endure" => 60,
    "soak-training" => 100_000_000,
    "soak-racing" => 1_000_000,
    _ => 100,
});
int seed = Number(2, 1);
const string PowerLoss = "powerloss-";
switch (attack)
{
    case "train":
        return Victim.Train(
            args[1], long.Parse(args[2], CultureInfo.InvariantCulture), ulong.Parse(args[3], CultureInfo.InvariantCulture));
    case "check":
        return Victim.Check(args[1], long.Parse(args[2], CultureInfo.InvariantCulture));
    case "kill":
        return new Kills(count, new Random(seed)).Run();
    case "endure":
        return new Endurance(TimeSpan.FromMinutes(count), seed).Run();
    case "soak-training":
        return Soak.Training(count);
    case "soak-racing":
        return Soak.Racing(count);
    case "order":
        return new CallOrder().Run();
    case "fsync":
        return new FlushFailures(count).Run();
    case var _ when attack.StartsWith(PowerLoss, StringComparison.Ordinal):
        return new PowerLosses(attack[PowerLoss.Length..], count, new Random(seed)).Run();
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

int Number(int place, int otherwise) =>
    args.Length > place && int.TryParse(args[place], CultureInfo.InvariantCulture, out int number) ? number : otherwise;

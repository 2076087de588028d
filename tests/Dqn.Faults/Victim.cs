using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Faults;

/// <summary>What is attacked: a run of CartPole that saves a checkpoint every 100 steps and says so.</summary>
internal static class Victim
{
    private const string Saved = "saved ";

    /// <summary>Trains, resuming where there is a checkpoint; prints "saved STEP" once one is announced.</summary>
    public static int Train(string folder, long steps, ulong seed)
    {
        using var environment = new CartPoleEnvironment().WithTimeLimit(200).WithStatistics();
        using var evaluated = new CartPoleEnvironment().WithTimeLimit(200);
        var options = new DqnOptions
        {
            WarmupSteps = 100,
            BufferCapacity = 2000,
            BatchSize = 16,
            UpdatePeriod = 4,
            Network = new QNetworkOptions { Threads = 1 },
        };
        try
        {
            using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed);
            using var run = new TrainingRun(
                new TrainingRunOptions
                {
                    Folder = folder,
                    TotalSteps = steps,
                    Seed = seed,
                    CheckpointInterval = 100,
                    EvaluationInterval = 500,
                    MetricInterval = 100,
                },
                agent, environment, new Evaluator(evaluated, new EvaluationOptions { Episodes = 1 }), new WarningPrinter());
            run.Resume();
            foreach (TrainingEvent happened in run.RunLazily())
                if (happened.CheckpointSaved)
                    Console.WriteLine($"{Saved}{happened.Step.Number}");
            return 0;
        }
        catch (IOException exception)
        {
            Console.WriteLine($"failed: {exception.Message}");
            return 1;
        }
    }

    /// <summary>The step that a line of <see cref="Train"/>'s announces; 0 for another line.</summary>
    public static long Announced(string line) =>
        line.StartsWith(Saved, StringComparison.Ordinal) ? long.Parse(line[Saved.Length..]) : 0;

    /// <summary>Prints what is wrong with a run's folder of which a step was announced.</summary>
    public static int Check(string folder, long announced)
    {
        string? problem = Problem(folder, announced);
        if (problem is not null)
            Console.WriteLine(problem);
        return problem is null ? 0 : 1;
    }

    /// <summary>Null where the newest checkpoint is whole and at least as new as the announced one.</summary>
    public static string? Problem(string folder, long announced)
    {
        try
        {
            Checkpoint? checkpoint = new CheckpointStore(Path.Combine(folder, "checkpoints")).Load();
            if ((checkpoint?.Step ?? 0) < announced)
                return $"LOST: announced step {announced}, found {checkpoint?.Step ?? 0}. {Damage(checkpoint)}";
            return checkpoint is { Damage.Count: > 0 } ? $"MANIFEST WITHOUT PARTS: {Damage(checkpoint)}" : null;
        }
        catch (InvalidDataException exception)
        {
            return $"LOST: announced step {announced}, found none. {exception.Message}";
        }

        static string Damage(Checkpoint? checkpoint) => string.Join(" ", checkpoint?.Damage ?? []);
    }

    /// <summary>All bytes that a finished run leaves and that a repetition gives again.</summary>
    public static List<byte[]> Remains(string folder)
    {
        var remains = new List<byte[]>();
        Checkpoint checkpoint = new CheckpointStore(Path.Combine(folder, "checkpoints")).Load()!;
        foreach (string name in checkpoint.Names.Where(name => name != "clock"))
            checkpoint.Read(name, reader => remains.Add(reader.ReadBytes((int)reader.BaseStream.Length)));
        foreach (string line in File.ReadLines(Path.Combine(folder, "history.csv")))
            remains.Add(System.Text.Encoding.UTF8.GetBytes(line[..line.LastIndexOf(',')])); // The last column is the time.
        foreach (string name in (string[])["latest.pt", "best.pt"])
            remains.Add(File.ReadAllBytes(Path.Combine(folder, name)));
        return remains;
    }
}

using System.Globalization;
using Dqn.Benchmarks;

// What training beyond one machine costs, on this one. Each command prints tables; benchmarks/results/orleans has them.
switch (args)
{
    case ["actors", .. string[] rest]:
        await ActorScaling.RunAsync((int)Number(rest, 0, 4), Number(rest, 1, 10), 12_000);
        return 0;
    case ["learner", .. string[] rest]:
        await LearnerPace.RunAsync((int)Number(rest, 0, 10), (int)Number(rest, 1, 50), (int)Number(rest, 2, 2), 12_400, rest.Length > 3 ? rest[3] : null);
        return 0;
    case ["hops", .. string[] rest]:
        await HopCosts.RunAsync((int)Number(rest, 0, 1_000), 12_800);
        return 0;
    case ["carracing", string folder, .. string[] rest]:
        await CarRacingTraining.RunAsync(folder, Number(rest, 0, 1_000_000), (int)Number(rest, 1, 300), (int)Number(rest, 2, 14_100));
        return 0;
    case ["silo", string kind, .. string[] rest]:
        await ChildSilo.ServeAsync(kind, (int)Number(rest, 0, 0), (int)Number(rest, 1, 0), (int)Number(rest, 2, 1));
        return 0;
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project benchmarks/Dqn.Orleans.Scaling -- COMMAND
              actors [ROUNDS] [SECONDS]                     steps/s of 1, 2 and 4 silos whose environments wait
              learner [PAIRS] [UPDATES] [SHARDS] [TASK]     a learner with shards elsewhere beside one with its own buffer
              hops [CALLS]                                  what messages weigh, and what calls cost
              carracing FOLDER [STEPS] [EPISODES] [PORT]    trains CarRacing's fast preset on four silos, or goes on with it
            """);
        return 2;
}

static long Number(string[] rest, int place, long otherwise) =>
    place < rest.Length ? long.Parse(rest[place], CultureInfo.InvariantCulture) : otherwise;

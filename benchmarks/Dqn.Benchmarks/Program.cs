using BenchmarkDotNet.Running;
using Dqn.Benchmarks;
using Dqn.Benchmarks.Engines;
using Dqn.Benchmarks.Gpu;
using Dqn.Benchmarks.Learning;
using Dqn.Networks;

// dotnet run -c Release --project benchmarks/Dqn.Benchmarks -- …
//   --filter '*'                   BenchmarkDotNet's measurements; --job short for a quick look
//   speed [THREADS]                what this machine does, in about a minute
//   profile [THREADS,…] [BATCH,…] [FILTERS]
//                                  where a learning step's time goes, by layer and pass: of the notebook's network, or of
//                                  a residual one with so many filters
//   networks [THREADS,…] [PART]    networks and batch sizes beside the multiply-add peak, or those so named
//   cartpole [PART OF A NAME …]    what each option does to plain DQN on CartPole, or those so named
//   cartpole recipe [PART …]       what Trainer.Train does there with its own options, and without one part of them each
//   learning [--task NAME,…] [--agent NAME,…] [--seeds N] [--steps N] [--hours H] [--jobs N] [--report]
//                                  trains agents on tasks, as a table with curves; goes on where it was interrupted
// The thread list defaults to 1 and one per processor; on a machine with more, ask for 1,2,4,8 and so on.
//
// dotnet run -c Release --project benchmarks/Dqn.Benchmarks -p:LibTorch=libtorch-cpu-linux-x64 -- …
//   engines [FILE]                 the built-in engine beside LibTorch, by BenchmarkDotNet; a table in markdown
//
// dotnet run -c Release --project benchmarks/Dqn.Benchmarks -- gpu [--python PYTHON] [--out FILE] [--seconds PER FIGURE]
//   the learner on the processor and the GPU beside PyTorch, in five minutes; a table in markdown. LibTorch comes with
//   -p:LibTorch=NAME or else is the one of PYTHON's PyTorch. For a machine without .NET:
// dotnet publish benchmarks/Dqn.Benchmarks -c Release -r linux-x64 --self-contained
int[] threads = args.Length > 1 && args[0] is "profile" or "networks"
    ? [.. args[1].Split(',').Select(int.Parse)]
    : [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
switch (args)
{
    case ["profile", ..]:
        Sequential network = args.Length > 3 ? NetworkTable.Residual(int.Parse(args[3])) : new CnnActionValue(4, 5);
        foreach (int batch in args.Length > 2 ? args[2].Split(',').Select(int.Parse) : [32])
            foreach (int count in threads)
                StepProfile.Print(network, count, batch);

        break;
    case ["speed", ..]:
        Speed.Run(args.Length > 1 ? int.Parse(args[1]) : 0);
        break;
    case ["networks", ..]:
        NetworkTable.Print(threads, args.Length > 2 ? args[2] : "");
        break;
    case ["cartpole", "recipe", .. string[] parts]:
        CartPoleRecipe.Print(parts);
        break;
    case ["cartpole", .. string[] names]:
        CartPoleAblation.Print(names);
        break;
    case ["learning", .. string[] options]:
        return LearningCommand.Run(options);
    case ["engines", .. string[] path]:
        EngineTable.Run(path.FirstOrDefault());
        break;
    case ["gpu", .. string[] options]:
        GpuCommand.Run(options);
        break;
    case [GpuCommand.ColumnCommand, string column, string seconds, string limit]:
        LearnerMeasurements.Print(column, double.Parse(seconds), double.Parse(limit));
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}

return 0;

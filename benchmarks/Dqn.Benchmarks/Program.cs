using BenchmarkDotNet.Running;
using Dqn.Benchmarks;
using Dqn.Networks;

// dotnet run -c Release --project benchmarks/Dqn.Benchmarks -- --filter '*'
// … -- profile [THREADS,…] [BATCH]: where a learning step's time goes, by layer and direction.
if (args is ["profile", ..])
{
    int[] threads = [.. args.Length > 1 ? args[1].Split(',').Select(int.Parse) : [1, Environment.ProcessorCount]];
    foreach (int count in threads)
        StepProfile.Print(new CnnActionValue(4, 5), count, args.Length > 2 ? int.Parse(args[2]) : 32, InstructionSet.Best);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}

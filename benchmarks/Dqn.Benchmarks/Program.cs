using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/Dqn.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

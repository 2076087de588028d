using System.Diagnostics;
using System.Globalization;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.DependencyInjection;

namespace Dqn.Benchmarks;

/// <summary>A silo in a process of its own: answers each line on its input with its figures, and ends with its input.</summary>
internal sealed class ChildSilo : IMeasured
{
    private readonly Process _process;

    private ChildSilo(Process process, string address) => (_process, Address) = (process, address);

    /// <summary>The silo's address, which is its shard's key.</summary>
    public string Address { get; }

    /// <summary>Starts one, and waits until it is up.</summary>
    public static async Task<ChildSilo> StartAsync(string kind, int port, int number, int silos)
    {
        string host = Environment.ProcessPath!;
        string[] dll = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(host, [.. dll, "silo", kind, Text(port), Text(number), Text(silos)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string? line;
        do
            line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The silo {number} did not start.");
        while (!line.StartsWith(Up, StringComparison.Ordinal));
        return new ChildSilo(process, line[Up.Length..]);
    }

    public double[] Figures()
    {
        _process.StandardInput.WriteLine();
        string line;
        do
            line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The silo has ended.");
        while (!line.StartsWith(Now, StringComparison.Ordinal));
        return [.. line[Now.Length..].Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>What such a process does.</summary>
    public static async Task ServeAsync(string kind, int port, int number, int silos)
    {
        if (kind == "actors")
        {
            await using ActorSilo silo = await ActorSilo.StartAsync(port, number, silos);
            Console.WriteLine(Up);
            Answer(() => (silo.Steps, silo.Learnt));
        }
        else
        {
            LeaveProcessors();
            LearningTask task = LearningTask.Named(kind);
            await using LocalSilo silo = await LocalSilo.StartAsync(port, number, Dqn.Orleans.DqnSiloBuilderExtensions.AddShared);
            task.Fill(silo.Services.GetRequiredService<ReplayShard>(), number);
            Console.WriteLine(Up + silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
            Answer(() => (0, 0));
        }
    }

    // A shard is on another machine: all of them get the last processor, so that the learner's thread keeps one to itself.
    private static void LeaveProcessors()
    {
        if ((OperatingSystem.IsLinux() || OperatingSystem.IsWindows()) && Environment.ProcessorCount > 1)
        {
            using Process own = Process.GetCurrentProcess();
            own.ProcessorAffinity = (nint)1 << (Math.Min(Environment.ProcessorCount, nint.Size * 8) - 1);
        }
    }

    private const string Up = "up ", Now = "now ";

    private static void Answer(Func<(long Steps, long Learnt)> count)
    {
        while (Console.ReadLine() is not null)
        {
            (long steps, long learnt) = count();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{Now}{steps} {learnt} {Environment.CpuUsage.TotalTime.TotalSeconds:R}"));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

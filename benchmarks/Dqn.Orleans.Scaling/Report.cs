namespace Dqn.Benchmarks;

/// <summary>What was measured, as markdown on the console.</summary>
internal static class Report
{
    public static void Write(string title, IEnumerable<string> lines)
    {
        Console.WriteLine($"\n## {title}\n");
        foreach (string line in lines)
            Console.WriteLine(line);
        Console.WriteLine();
    }
}

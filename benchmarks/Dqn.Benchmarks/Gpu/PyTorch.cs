namespace Dqn.Benchmarks.Gpu;

/// <summary>The machine's own PyTorch: a yardstick, and a LibTorch for those who brought none.</summary>
/// <param name="Python">The interpreter.</param>
/// <param name="Version">PyTorch's, as it says it.</param>
/// <param name="Cuda">The CUDA that it was built for; "None" without.</param>
/// <param name="Libraries">Where its LibTorch lies.</param>
internal sealed record PyTorch(string Python, string Version, string Cuda, string Libraries)
{
    private const string Question =
        "import torch, os; print('\\t'.join(['found', torch.__version__, str(torch.version.cuda), " +
        "os.path.join(os.path.dirname(torch.__file__), 'lib')]))";

    /// <summary>Asks an interpreter; null and the reason where it has no PyTorch.</summary>
    public static (PyTorch? Found, string Reason) Find(string python)
    {
        Outcome outcome = Outcome.Of(python, ["-c", Question], [], TimeSpan.FromSeconds(60));
        string[]? answer = outcome.Lines.Select(line => line.Split('\t')).FirstOrDefault(line => line is ["found", ..]);
        return answer is [_, var version, var cuda, var libraries]
            ? (new PyTorch(python, version, cuda, libraries), "")
            : (null, outcome.Problem ?? "no answer");
    }

    /// <summary>The yardstick's measurements.</summary>
    public Outcome Measure(double seconds, double limit)
    {
        // In a directory of its own: Python takes what lies beside a script for modules.
        DirectoryInfo directory = Directory.CreateTempSubdirectory("dqn-yardstick-");
        string script = Path.Combine(directory.FullName, "yardstick.py");
        try
        {
            using (Stream source = typeof(PyTorch).Assembly.GetManifestResourceStream("yardstick.py")!)
            using (FileStream file = File.Create(script))
                source.CopyTo(file);
            return Outcome.Of(Python, [script, $"{seconds}", $"{limit}"], [], TimeSpan.FromSeconds(limit + 30));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}

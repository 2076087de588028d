using System.Diagnostics;
using System.Runtime.CompilerServices;
using Python.Runtime;

namespace Dqn.Gymnasium;

/// <summary>
/// The process's one Python interpreter. It starts with the first environment; call <see cref="Start"/> before that to
/// choose which Python, and to learn early whether there is one.
/// </summary>
public static class PythonInterpreter
{
    /// <summary>The environment variable that names the Python program where <see cref="Start"/> is given none.</summary>
    public const string Variable = "DQN_PYTHON";

    // Prints the library's folder and names, the prefix, and where modules are looked for: a virtual environment's too.
    private const string Question =
        "import sys, sysconfig; v = sysconfig.get_config_var; print(v('LIBDIR') or ''); print(v('MULTIARCH') or ''); " +
        "print(v('INSTSONAME') or ''); print(v('LDLIBRARY') or ''); print(sys.base_prefix); " +
        "print('%d%d' % sys.version_info[:2]); print(*sys.path[1:], sep='\\n')";

    private static readonly Lock s_starting = new();
    private static string? s_program;

    /// <summary>
    /// Starts Python and lets other threads use it. Once per process: later calls do nothing, unless they name another one.
    /// </summary>
    /// <param name="program">
    /// The Python program, whose packages are then at hand: "python3", or a virtual environment's "…/bin/python". Null: what
    /// the variable <see cref="Variable"/> says, else python3, on Windows python.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// There is no such program or no shared library of it: the message says what to install. Or another one runs already.
    /// Or the program is set up for compiling ahead of time.
    /// </exception>
    public static void Start(string? program = null)
    {
        lock (s_starting)
        {
            if (s_program is not null)
            {
                if (program is not null && program != s_program)
                {
                    throw new InvalidOperationException(
                        $"Expected one Python for the whole process, {s_program}, which runs already; got {program}.");
                }

                return;
            }

            if (!RuntimeFeature.IsDynamicCodeSupported)
            {
                throw new InvalidOperationException(
                    "Expected a program that may generate code, which pythonnet does, got one set up for compiling ahead of " +
                    "time: set the property PublishAot to false, in a single-file program by '#:property PublishAot=false'.");
            }

            program ??= Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
                ? given
                : OperatingSystem.IsWindows() ? "python" : "python3";
            string[] answer = Ask(program);
            Runtime.PythonDLL = Library(program, answer);
            PythonEngine.Initialize();
            AddPaths(answer[6..]);
            PythonEngine.BeginAllowThreads();
            s_program = program;
        }
    }

    private static string[] Ask(string program)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, ["-c", Question])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string[] lines = output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
            return process.ExitCode == 0 && lines.Length >= 6 ? lines : throw new InvalidOperationException(
                $"Expected '{program}' to be a Python 3, got exit code {process.ExitCode}: {error.Result.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException(
                $"Expected a Python program, found no '{program}'. Install Python 3.8 to 3.14 with its shared library (Debian: " +
                $"apt install python3 libpython3-dev; Windows and macOS: python.org), or name one in the variable {Variable}.",
                exception);
        }
    }

    private static string Library(string program, string[] answer)
    {
        string directory = answer[0], architecture = answer[1], prefix = answer[4], version = answer[5];
        string[] names = [.. new[] { answer[2], answer[3], $"python{version}.dll" }.Where(name => name.Length > 0)];
        string[] folders =
            [directory, Path.Combine(directory, architecture), prefix, Path.Combine(prefix, "lib"), Path.Combine(prefix, "bin")];
        IEnumerable<string> candidates =
            from name in names
            from folder in folders
            where folder.Length > 0
            select Path.Combine(folder, name);
        return candidates.FirstOrDefault(path => File.Exists(path) && !path.EndsWith(".a", StringComparison.Ordinal))
            ?? throw new InvalidOperationException(
                $"Expected the shared library of '{program}', {string.Join(" or ", names)} in {directory} or {prefix}; found " +
                "none. Install it (Debian: apt install libpython3-dev; pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared), or name " +
                $"another Python in the variable {Variable}.");
    }

    private static void AddPaths(string[] paths)
    {
        using dynamic sys = Py.Import("sys");
        foreach (string path in paths)
            if (path.Length > 0 && !(bool)sys.path.__contains__(path))
                sys.path.append(path);
    }
}

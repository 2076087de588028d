using System.CommandLine;
using Dqn.CarRacing;

namespace Dqn.Samples.CarRacing;

/// <summary>The options of the commands that drive with a model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<FileInfo?> _model = new("--model", "-m")
    {
        Description = "The network: a .safetensors file, or a PyTorch .pt state dict. Default: the pretrained driver.",
    };

    private readonly Option<int?> _noOpFrames = new("--no-op-frames")
    {
        Description = "Frames at an episode's start that pass without the agent. Default: what the file says, else 50.",
    };

    private readonly Option<bool?> _tileContrast = new("--tile-contrast")
    {
        Description = "Unvisited road is made to stand out from visited road. Default: what the file says, else not.",
    };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_noOpFrames);
        command.Add(_tileContrast);
    }

    /// <summary>The driver that was asked for; what its file leaves open is said.</summary>
    public CarRacingDriver Load(ParseResult result) => result.GetValue(_model) is { } file
        ? Load(file.FullName, result.GetValue(_noOpFrames), result.GetValue(_tileContrast))
        : CarRacingDriver.Load();

    /// <summary>The driver in a file; what it leaves open is said.</summary>
    public static CarRacingDriver Load(string file, int? noOpFrames = null, bool? tileContrast = null)
    {
        CarRacingDriver driver = CarRacingDriver.Load(file, noOpFrames, tileContrast);
        foreach (string assumption in driver.Assumptions)
            Console.Error.WriteLine($"note: {assumption}");
        return driver;
    }
}

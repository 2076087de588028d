using System.CommandLine;

namespace Dqn.Samples.CarRacing;

/// <summary>The options of the commands that drive with a <see cref="Model"/>.</summary>
internal sealed class ModelOptions
{
    private readonly Option<FileInfo> _model = new("--model", "-m")
    {
        Description = "The network: a .safetensors file, or a PyTorch .pt state dict.",
        Required = true,
    };

    private readonly Option<int?> _noOpFrames = new("--no-op-frames")
    {
        Description = "Frames at an episode's start that pass without the agent. Default: what the file says, else 50.",
    };

    private readonly Option<bool?> _tileContrast = new("--tile-contrast")
    {
        Description = "The road still to come is made to look another than the road behind. Default: what the file says, else not.",
    };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_noOpFrames);
        command.Add(_tileContrast);
    }

    /// <summary>The model that was asked for.</summary>
    public Model Load(ParseResult result) => Model.Load(result.GetRequiredValue(_model), result.GetValue(_noOpFrames), result.GetValue(_tileContrast));
}

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dqn.Networks;

/// <summary>
/// <see cref="CnnActionValue"/> as a TorchSharp module: the notebook's <c>CNNActionValue</c> with its names
/// <c>conv1</c>, <c>conv2</c>, <c>conv3</c>, <c>fc1</c>, <c>fc2</c>. The core's type of that name describes the network
/// for every engine; this one is the network, for LibTorch.
/// </summary>
public sealed class TorchCnnActionValue : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _conv1, _conv2, _conv3, _fc1, _fc2;
    private readonly long[] _shape;

    /// <summary>Makes the network for stacked grey frames, on the processor.</summary>
    /// <inheritdoc cref="CnnActionValue(int, int, int, int, ActionValueOptions)"/>
    public TorchCnnActionValue(int channels, int actions, int height = 84, int width = 84)
        : base(TorchLibrary.LoadFor(nameof(TorchCnnActionValue)))
    {
        // Describing it first refuses what does not fit.
        _ = new CnnActionValue(channels, actions, height, width);
        _shape = [channels, height, width];
        register_module("conv1", _conv1 = nn.Conv2d(channels, 32, 8, stride: 4));
        register_module("conv2", _conv2 = nn.Conv2d(32, 64, 4, stride: 2));
        register_module("conv3", _conv3 = nn.Conv2d(64, 64, 3));
        register_module("fc1", _fc1 = nn.Linear(64 * Left(height) * Left(width), 512));
        register_module("fc2", _fc2 = nn.Linear(512, actions));

        static long Left(int axis) => ((axis - 8) / 4 + 1 - 4) / 2 + 1 - 2;
    }

    /// <summary>The values of all actions.</summary>
    /// <param name="input">[batch, channels, height, width], 0 … 1.</param>
    /// <returns>[batch, actions].</returns>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        TorchShapes.RequireItems(input, _shape);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.relu(_conv1.call(input));
        x = functional.relu(_conv2.call(x));
        x = functional.relu(_conv3.call(x));
        x = functional.relu(_fc1.call(x.flatten(1)));
        return scope.MoveToOuter(_fc2.call(x));
    }
}

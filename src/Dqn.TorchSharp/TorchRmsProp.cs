using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>RMSProp as <see cref="RmsPropOptions"/> describes.</summary>
internal sealed class TorchRmsProp : TorchOptimizer
{
    private readonly Tensor _squares;
    private readonly Tensor? _means, _momenta;
    private readonly Scalar _alpha, _oneMinusAlpha, _epsilon, _momentum, _minusOne, _zero;

    public TorchRmsProp(RmsPropOptions options, Tensor parameters)
    {
        Kind = KindOf(options);
        _squares = Slot(parameters);
        _means = options.Centered ? Slot(parameters) : null;
        _momenta = options.Momentum > 0 ? Slot(parameters) : null;
        Slots = [.. new[] { _squares, _means, _momenta }.OfType<Tensor>()];
        (_alpha, _oneMinusAlpha) = (Constant(options.Alpha), Constant(1 - options.Alpha));
        (_epsilon, _momentum) = (Constant(options.Epsilon), Constant(options.Momentum));
        (_minusOne, _zero) = (Constant(-1), Constant(0));
    }

    public override string Kind { get; }

    public override IReadOnlyList<Tensor> Slots { get; }

    public static string KindOf(RmsPropOptions options) =>
        "RMSprop square_avg" + (options.Centered ? " grad_avg" : "") + (options.Momentum > 0 ? " momentum_buffer" : "");

    public override void Step(double learningRate, Tensor gradients, Tensor parameters)
    {
        Steps++;
        _squares.mul_(_alpha).addcmul_(gradients, gradients, _oneMinusAlpha);
        Tensor root;
        if (_means is null)
        {
            root = _squares.sqrt();
        }
        else
        {
            _means.mul_(_alpha).add_(gradients, _oneMinusAlpha);
            root = _squares.addcmul(_means, _means, _minusOne).clamp_min_(_zero).sqrt_();
        }

        root.add_(_epsilon);
        using Scalar stepSize = -learningRate;
        if (_momenta is null)
            parameters.addcdiv_(gradients, root, stepSize);
        else
            parameters.add_(_momenta.mul_(_momentum).addcdiv_(gradients, root), stepSize);
    }
}

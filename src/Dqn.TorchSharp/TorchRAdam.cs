using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>Rectified Adam as <see cref="RAdamOptions"/> describes.</summary>
internal sealed class TorchRAdam : TorchOptimizer
{
    public const string RAdamKind = "RAdam exp_avg exp_avg_sq";

    private readonly RAdamOptions _options;
    private readonly Tensor _means, _squares;
    private readonly Scalar _beta1, _oneMinusBeta1, _beta2, _oneMinusBeta2;

    public TorchRAdam(RAdamOptions options, Tensor parameters)
    {
        _options = options;
        (_means, _squares) = (Slot(parameters), Slot(parameters));
        Slots = [_means, _squares];
        (_beta1, _oneMinusBeta1) = (Constant(options.Beta1), Constant(1 - options.Beta1));
        (_beta2, _oneMinusBeta2) = (Constant(options.Beta2), Constant(1 - options.Beta2));
    }

    public override string Kind => RAdamKind;

    public override IReadOnlyList<Tensor> Slots { get; }

    public override void Step(double learningRate, Tensor gradients, Tensor parameters)
    {
        Steps++;
        (double size, double root, double added) = _options.At(Steps);
        _means.mul_(_beta1).add_(gradients, _oneMinusBeta1);
        _squares.mul_(_beta2).addcmul_(gradients, gradients, _oneMinusBeta2);
        using Scalar stepSize = -learningRate * size, inverseRoot = root, addend = added;
        parameters.addcdiv_(_means, _squares.sqrt().mul_(inverseRoot).add_(addend), stepSize);
    }
}

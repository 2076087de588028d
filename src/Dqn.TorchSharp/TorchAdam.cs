using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>Adam as <see cref="AdamOptions"/> describes.</summary>
internal sealed class TorchAdam : TorchOptimizer
{
    public const string AdamKind = "Adam exp_avg exp_avg_sq";

    private readonly AdamOptions _options;
    private readonly Tensor _means, _squares;
    private readonly Scalar _beta1, _oneMinusBeta1, _beta2, _oneMinusBeta2, _epsilon;

    public TorchAdam(AdamOptions options, Tensor parameters)
    {
        _options = options;
        (_means, _squares) = (Slot(parameters), Slot(parameters));
        Slots = [_means, _squares];
        (_beta1, _oneMinusBeta1) = (Constant(options.Beta1), Constant(1 - options.Beta1));
        (_beta2, _oneMinusBeta2) = (Constant(options.Beta2), Constant(1 - options.Beta2));
        _epsilon = Constant(options.Epsilon);
    }

    public override string Kind => AdamKind;

    public override IReadOnlyList<Tensor> Slots { get; }

    public override void Step(double learningRate, Tensor gradients, Tensor parameters)
    {
        Steps++;
        double correction1 = 1 - Math.Pow(_options.Beta1, Steps), correction2 = 1 - Math.Pow(_options.Beta2, Steps);
        _means.mul_(_beta1).add_(gradients, _oneMinusBeta1);
        _squares.mul_(_beta2).addcmul_(gradients, gradients, _oneMinusBeta2);
        using Scalar inverseRoot = 1 / Math.Sqrt(correction2), stepSize = -learningRate / correction1;
        if (_options.WeightDecay > 0)
        {
            using Scalar kept = 1 - learningRate * _options.WeightDecay;
            parameters.mul_(kept);
        }

        Tensor root = _squares.sqrt().mul_(inverseRoot).add_(_epsilon);
        parameters.addcdiv_(_means, root, stepSize);
    }
}

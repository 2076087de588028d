#:project ../src/Dqn/Dqn.csproj
// A layer of one's own, x · sigmoid(β x) with a β that is learnt, in a residual network; saved and loaded like any other.
using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
DqnOptions options = Trainer.OptionsFor(environment.Spec, steps: 50_000);
ImmutableArray<Layer> block = [new Linear("block1", 64), new Swish(), new Linear("block2", 64)];
var architecture = new Sequential([4], pixels: false,
    [new Linear("in", 64), new LayerNorm("norm"), new Relu(), new Residual(block), new Relu(), new Linear("out", 2)]);
using var agent = new DqnAgent(new QNetwork(architecture, new Pcg64(1), options.Network), environment.Spec, options, seed: 1);
agent.Train(environment, steps: 50_000);
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, environment)) learnt.Save("own-network.safetensors");
CustomLayer.Register("Swish", _ => new Swish()); // Before a file that has one is read.
using var policy = GreedyPolicy.Load("own-network.safetensors");
double mean = new Evaluator(environment, new EvaluationOptions { Episodes = 20 }).Evaluate(policy.Act).Mean;
Console.WriteLine($"mean return over 20 episodes: {mean:0.0}");
return mean >= 475 ? 0 : 1; // What counts as solved.

internal sealed record Swish : CustomLayer
{
    public override string Kind => "Swish";
    public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => inputShape;
    public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> _) => [CustomParameter.Constant("beta", [1], 1)];
    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
    public override void Forward(LayerItems items, LayerParameters beta, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = x[i] * Sigmoid(beta[0][0] * x[i]);
    }
    public override void Backward(LayerItems items, LayerParameters beta, ReadOnlySpan<float> x, ReadOnlySpan<float> dy,
        Span<float> dx, LayerGradients dBeta)
    {
        for (int i = 0; i < x.Length; i++)
        {
            float s = Sigmoid(beta[0][0] * x[i]), slope = x[i] * s * (1 - s);
            dx[i] = dy[i] * (s + beta[0][0] * slope);
            dBeta[0][0] += dy[i] * x[i] * slope;
        }
    }
}

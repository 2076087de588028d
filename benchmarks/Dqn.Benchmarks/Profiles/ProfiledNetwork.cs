using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Benchmarks.Profiles;

/// <summary>Layers with buffers of their own, as <see cref="NetworkEngine"/> holds them.</summary>
internal sealed unsafe class ProfiledNetwork
{
    private readonly AlignedBuffer _parameterGradients;

    public ProfiledNetwork(
        Sequential architecture, ObservationConverter converter, KernelSet kernels, WorkerTeam team, int batch)
    {
        LayerChain chain = new LayerBuilder(kernels, team).Build(architecture, converter);
        Layers = [.. chain.Layers];
        Parameters = new Parameters(chain.Parameters);
        Parameters.Initialize(new Pcg64(1));
        _parameterGradients = new AlignedBuffer(Parameters.Length);
        Activations = [new AlignedBuffer(converter.FeedsConvolution ? 0 : (long)batch * converter.Length)];
        chain.Bind(
            Parameters.Values.Pointer, _parameterGradients.Pointer,
            [.. Parameters.Entries.Select(entry => entry.Start)]);
        foreach (ILayer layer in Layers)
        {
            Activations.Add(new AlignedBuffer((long)batch * layer.OutputLength));
            Gradients.Add(new AlignedBuffer((long)batch * layer.OutputLength));
        }

        // One action's value per item has an error, as in Q-learning.
        int actions = Layers[^1].OutputLength;
        for (int item = 0; item < batch; item++)
            Gradients[^1].Span[item * actions + item % actions] = 0.01f;
    }

    public ILayer[] Layers { get; }

    public Parameters Parameters { get; }

    public List<AlignedBuffer> Activations { get; }

    public List<AlignedBuffer> Gradients { get; } = [];
}

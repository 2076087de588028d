using System.Diagnostics;
using Dqn.Networks;
using Dqn.Threading;

namespace Dqn.Benchmarks.Profiles;

/// <summary>
/// Where a learning step's time goes: target network forward, online network forward and backward, layer by layer in
/// the order of a step, so that each finds the caches as it does there. Sampling, loss and the small parameters'
/// optimizer are left out; the large ones' optimizer is part of the linear layers' backward.
/// <para>
/// A layer computes its gradients together. What each of them takes is the difference between steps of three kinds that
/// take turns: whole ones, ones without the optimizer, and ones with the weights' gradients alone.
/// </para>
/// </summary>
internal sealed unsafe class StepProfile
{
    private const int WarmUp = 20;

    // Of whole steps; as many of each other kind. Fewer of large batches.
    private const int Steps = 150, MinSteps = 15;

    private readonly int _batch;
    private readonly WorkerTeam _team;
    private readonly KernelSet _kernels;
    private readonly ObservationConverter _converter;
    private readonly ProfiledNetwork _target, _online;
    private readonly RmsProp _optimizer;
    private readonly byte[] _observations;
    private readonly AlignedBuffer _converted;
    private readonly Dictionary<string, ProfileRow> _rows = [];

    private StepProfile(Sequential architecture, int threads, int batch)
    {
        _batch = batch;
        _team = new WorkerTeam(threads);
        _kernels = KernelSet.For(InstructionSet.Best);
        _converter = new ObservationConverter(architecture, _kernels);
        _target = new ProfiledNetwork(architecture, _converter, _kernels, _team, batch);
        _online = new ProfiledNetwork(architecture, _converter, _kernels, _team, batch);
        _optimizer = new RmsProp(new RmsPropOptions(), _online.Parameters.Length, _kernels);
        _observations = GC.AllocateArray<byte>(batch * architecture.ObservationBytes, pinned: true);
        new Random(1).NextBytes(_observations);
        _converted = new AlignedBuffer(_converter.Length);
    }

    private enum Part
    {
        All,
        Gradients,
        WeightGradients,
    }

    public static void Print(Sequential architecture, int threads, int batch)
    {
        StepProfile profile = new(architecture, threads, batch);
        int steps = Math.Clamp(Steps * 32 / batch, MinSteps, Steps);
        List<double> peaks = [MultiplyAddPeak.Measure(threads, 0.1)];
        ProfileRow whole = new("the step");
        for (int step = 0; step < WarmUp + 3 * steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            var part = (Part)(step % 3);
            profile.Step(part, step >= WarmUp);
            if (part == Part.All && step >= WarmUp)
                whole.Milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (step >= WarmUp)
                profile.ConvertOnce();
            if (step % 5 == 0)
                peaks.Add(MultiplyAddPeak.Measure(threads, 0.003));
        }

        profile._team.Dispose();
        ProfileTable.Print(
            $"{architecture.GetType().Name}, batch {batch}, {threads} thread(s), {profile._kernels.Lanes} lanes",
            [.. profile._rows.Values], whole, peaks);
    }

    private void Step(Part part, bool keep)
    {
        fixed (byte* source = _observations)
        {
            _converter.SetSource(source);
            if (!_converter.FeedsConvolution)
            {
                _converter.ConvertAll(_batch, _target.Activations[0].Pointer);
                _converter.ConvertAll(_batch, _online.Activations[0].Pointer);
            }

            bool whole = keep && part == Part.All;
            Forward(_target, "target", whole);
            Forward(_online, "online", whole);
            _optimizer.BeginStep(1e-9, 1);
            for (int layer = _online.Layers.Length - 1; layer >= 0; layer--)
                Backward(layer, part, keep);
        }
    }

    private void Forward(ProfiledNetwork network, string name, bool keep)
    {
        for (int i = 0; i < network.Layers.Length; i++)
        {
            int layer = i;
            ProfileRow row = Row($"{name}: {Name(network.Layers[i])} forward", Flops(network.Layers[i]));
            Time(row.Milliseconds, keep, () => network.Layers[layer]
                .Forward(network.Activations[layer].Pointer, _batch, network.Activations[layer + 1].Pointer));
        }
    }

    private void Backward(int layer, Part part, bool keep)
    {
        ILayer[] layers = _online.Layers;
        double flops = Flops(layers[layer]);
        bool inputs = layer > 0;
        ProfileRow row = Row($"{Name(layers[layer])} backward", inputs ? 2 * flops : flops);
        (row.HasInputGradients, row.HasWeights) = (inputs, layers[layer].Parameters.Count > 0);
        row.HasOptimizer = layers[layer].Parameters.Any(parameter => parameter.UpdatedByLayer);
        List<double> times = part switch
        {
            Part.All => row.Milliseconds,
            Part.Gradients => row.Gradients,
            _ => row.WeightGradients,
        };
        Time(times, keep, () => layers[layer].Backward(
            _online.Activations[layer].Pointer, _online.Gradients[layer].Pointer,
            inputs && layers[layer - 1].Rectify, _batch,
            inputs && part != Part.WeightGradients ? _online.Gradients[layer - 1].Pointer : null,
            part == Part.All ? _optimizer : null));
    }

    /// <summary>What one pass over the observations costs one thread: the first layer makes two or more in a step.</summary>
    private void ConvertOnce()
    {
        ProfileRow row = Row("bytes to floats once, one thread", 0);
        row.IsApart = true;
        fixed (byte* source = _observations)
        {
            _converter.SetSource(source);
            Time(row.Milliseconds, keep: true, () =>
            {
                for (int item = 0; item < _batch; item++)
                    _converter.Convert(item, 0, _converter.Length / _converter.Channels, _converted.Pointer);
            });
        }
    }

    private static string Name(ILayer layer) => layer.Parameters.Count > 0
        ? layer.Parameters[0].Name.Split('.')[0] + (layer is ResidualLayer ? " …" : "")
        : layer.GetType().Name;

    private double Flops(ILayer layer) => LayerWork.PerItem(layer) * _batch;

    private ProfileRow Row(string name, double flops)
    {
        if (!_rows.TryGetValue(name, out ProfileRow? row))
            _rows.Add(name, row = new ProfileRow(name) { Flops = flops });
        return row;
    }

    private static void Time(List<double> times, bool keep, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        if (keep)
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}

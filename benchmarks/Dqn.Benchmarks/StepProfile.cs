using System.Diagnostics;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Benchmarks;

/// <summary>
/// Where a learning step's time goes: target network forward, online network forward and backward, layer by layer in
/// the order of a step, so that each finds the caches as it does there. Sampling, loss and the small parameters'
/// optimizer are left out; the large ones' optimizer is part of the linear layers' backward.
/// </summary>
internal sealed unsafe class StepProfile
{
    private const int WarmUp = 20, Steps = 150;

    private readonly int _batch;
    private readonly WorkerTeam _team;
    private readonly KernelSet _kernels;
    private readonly ObservationConverter _converter;
    private readonly Network _target, _online;
    private readonly RmsProp _optimizer;
    private readonly byte[] _observations;
    private readonly List<Row> _rows = [];
    private int _row;

    private StepProfile(Sequential architecture, int threads, int batch)
    {
        _batch = batch;
        _team = new WorkerTeam(threads);
        _kernels = KernelSet.For(InstructionSet.Best);
        _converter = new ObservationConverter(architecture, _kernels);
        _target = new Network(architecture, _converter, _kernels, _team, batch);
        _online = new Network(architecture, _converter, _kernels, _team, batch);
        _optimizer = new RmsProp(new RmsPropOptions(), _online.Parameters.Length, _kernels);
        _observations = GC.AllocateArray<byte>(batch * architecture.ObservationBytes, pinned: true);
        new Random(1).NextBytes(_observations);
    }

    public static void Print(Sequential architecture, int threads, int batch)
    {
        StepProfile profile = new(architecture, threads, batch);
        List<double> peaks = [MultiplyAddPeak.Measure(threads, 0.1)], totals = [];
        for (int step = 0; step < WarmUp + Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            profile.Step(step >= WarmUp);
            if (step >= WarmUp)
                totals.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (step % 5 == 0)
                peaks.Add(MultiplyAddPeak.Measure(threads, 0.003));
        }

        profile._team.Dispose();
        double peak = Median(peaks);
        Console.WriteLine();
        Console.WriteLine(
            $"{architecture.GetType().Name}, batch {batch}, {threads} thread(s), {profile._kernels.Lanes} lanes; " +
            $"multiply-add peak {peak / 1e9:0.0} GFLOP/s (median; best {peaks.Max() / 1e9:0.0})");
        Console.WriteLine();
        Console.WriteLine("| | MFLOP | median ms | of the peak | least ms | of the best | of the step |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        double sum = profile._rows.Sum(row => Median(row.Milliseconds));
        foreach (Row row in profile._rows)
            Print(row, peak, peaks.Max(), sum);
        Print(new Row("the step", profile._rows.Sum(row => row.Flops), totals), peak, peaks.Max(), Median(totals));
    }

    private static void Print(Row row, double peak, double best, double step)
    {
        double median = Median(row.Milliseconds), least = row.Milliseconds.Min();
        Console.WriteLine(
            $"| {row.Name} | {row.Flops / 1e6:0.0} | {median:0.000} | {row.Flops / median * 1e3 / peak:0 %} | " +
            $"{least:0.000} | {row.Flops / least * 1e3 / best:0 %} | {median / step:0.0 %} |");
    }

    private static double Median(List<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return sorted[sorted.Count / 2];
    }

    private void Step(bool keep)
    {
        _row = 0;
        fixed (byte* source = _observations)
        {
            _converter.SetSource(source);
            if (!_converter.FeedsConvolution)
            {
                _converter.ConvertAll(_batch, _target.Activations[0].Pointer);
                _converter.ConvertAll(_batch, _online.Activations[0].Pointer);
            }

            Forward(_target, "target", keep);
            Forward(_online, "online", keep);
            _optimizer.BeginStep(1e-9, 1);
            ILayer[] layers = _online.Layers;
            for (int i = layers.Length - 1; i >= 0; i--)
            {
                int layer = i;
                double flops = Flops(layers[i]);
                Time($"{Name(layers[i])} backward", i > 0 ? 2 * flops : flops, keep, () => layers[layer].Backward(
                    _online.Activations[layer].Pointer, _online.Gradients[layer].Pointer,
                    layer > 0 && layers[layer - 1].Rectify, _batch,
                    layer > 0 ? _online.Gradients[layer - 1].Pointer : null, _optimizer));
            }
        }
    }

    private void Forward(Network network, string name, bool keep)
    {
        for (int i = 0; i < network.Layers.Length; i++)
        {
            int layer = i;
            Time($"{name}: {Name(network.Layers[i])} forward", Flops(network.Layers[i]), keep, () => network.Layers[layer]
                .Forward(network.Activations[layer].Pointer, _batch, network.Activations[layer + 1].Pointer));
        }
    }

    private static string Name(ILayer layer) => layer.Parameters.Count > 0
        ? layer.Parameters[0].Name.Split('.')[0] + (layer is ResidualLayer ? " …" : "")
        : layer.GetType().Name;

    private double Flops(ILayer layer) => LayerWork.PerItem(layer) * _batch;

    private void Time(string name, double flops, bool keep, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (_row == _rows.Count)
            _rows.Add(new Row(name, flops, []));
        if (keep)
            _rows[_row].Milliseconds.Add(milliseconds);
        _row++;
    }

    private sealed record Row(string Name, double Flops, List<double> Milliseconds);

    /// <summary>Layers with buffers of their own, as <see cref="NetworkEngine"/> holds them.</summary>
    private sealed class Network
    {
        private readonly AlignedBuffer _parameterGradients;

        public Network(
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
}

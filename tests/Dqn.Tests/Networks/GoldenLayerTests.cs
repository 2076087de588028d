using System.Text.Json;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>
/// Networks of every layer against PyTorch's numbers, Golden/learning/layers-float64.json. PyTorch 1.13 made them in
/// float64 from inputs by formula. Element i of parameter k, in the state dict's order, is float32((2u − 1) √(3 / fan)),
/// u = (mix(i + (k ≪ 32)) ≫ 11) · 2⁻⁵³, fan the elements of one output's weight, of a vector its length; mix is
/// SplitMix64's. Byte i of observation b is mix(i + (b ≪ 32) + (1 ≪ 62)) ≫ 56. Action b mod actions has the target
/// ((37b mod 11) − 3) / 7, the loss is the mean squared error; of each parameter's gradient there are the L2 norm and up
/// to 16 samples.
/// </summary>
public class GoldenLayerTests
{
    private static readonly JsonElement s_numbers =
        JsonDocument.Parse(GoldenFiles.ReadBytes("learning/layers-float64.json")).RootElement;

    private static IEnumerable<TestCaseData> Cases() => s_numbers.GetProperty("cases").EnumerateArray()
        .Select(one => new TestCaseData(one).SetArgDisplayNames(one.GetProperty("name").GetString()!));

    [TestCaseSource(nameof(Cases))]
    public void Values_loss_and_gradients_are_pytorchs(JsonElement golden)
    {
        Sequential architecture = ArchitectureText.Parse(golden.GetProperty("architecture").GetRawText());
        int batch = golden.GetProperty("batch").GetInt32(), actions = architecture.ActionCount;
        using QNetwork network = new(architecture, new Pcg64(1), new QNetworkOptions
        {
            Loss = Loss.MeanSquared,
            MaxGradientNorm = 1e9,
            Threads = 2,
        });
        SetParameters(network);
        var observations = new byte[batch * network.ObservationBytes];
        for (int i = 0; i < observations.Length; i++)
        {
            (int item, int place) = Math.DivRem(i, network.ObservationBytes);
            observations[i] = (byte)(GoldenLearning.Mix((ulong)place + ((ulong)item << 32) + (1UL << 62)) >> 56);
        }

        var values = new float[batch * actions];
        network.Evaluate(observations, values);
        Assert.That(
            values, Is.EqualTo(golden.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())).Within(5e-6));
        int[] taken = [.. Enumerable.Range(0, batch).Select(b => b % actions)];
        float[] targets = [.. Enumerable.Range(0, batch).Select(b => (37 * b % 11 - 3) / 7f)];
        FitResult result = network.Fit(observations, taken, targets, [], []);
        Assert.That(result.Loss, Is.EqualTo(golden.GetProperty("loss").GetDouble()).Within(3e-6));

        StateDict gradients = network.GetGradients();
        Assert.That(
            gradients.Names, Is.EqualTo(golden.GetProperty("gradients").EnumerateObject().Select(one => one.Name)));
        foreach (JsonProperty one in golden.GetProperty("gradients").EnumerateObject())
        {
            float[] gradient = gradients[one.Name].ToSingles();
            double norm = one.Value.GetProperty("norm").GetDouble(), typical = norm / Math.Sqrt(gradient.Length);
            Assert.That(GoldenLearning.L2(gradient), Is.EqualTo(norm).Within(1e-5 * norm), one.Name);
            foreach (JsonElement sample in one.Value.GetProperty("samples").EnumerateArray())
            {
                double expected = sample[1].GetDouble();
                Assert.That(
                    gradient[sample[0].GetInt32()], Is.EqualTo(expected).Within(1e-5 * (typical + Math.Abs(expected))),
                    $"{one.Name} {sample[0]}");
            }
        }
    }

    private static void SetParameters(QNetwork network)
    {
        StateDict values = new();
        ulong k = 0;
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            values.Add(name, Tensor.FromSingles(GoldenLearning.Parameter(k, tensor), tensor.Shape.AsSpan()));
            k++;
        }

        network.LoadStateDict(values);
    }
}

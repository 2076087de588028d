using System.Globalization;
using System.Text.Json;
using Dqn.Randomness;

namespace Dqn.Tests.Randomness;

public class Pcg64Tests
{
    private static IEnumerable<TestCaseData> Golden()
    {
        using var document = JsonDocument.Parse(GoldenFiles.ReadBytes("numpy-pcg64.json"));
        foreach (JsonElement item in document.RootElement.EnumerateArray())
            yield return new TestCaseData(item.Clone()).SetArgDisplayNames(item.GetProperty("seed").GetString()!);
    }

    [TestCaseSource(nameof(Golden))]
    public void Draws_what_NumPy_draws(JsonElement golden)
    {
        ulong seed = ulong.Parse(golden.GetProperty("seed").GetString()!, CultureInfo.InvariantCulture);
        var words = new ulong[4];
        SeedSequence.Generate(seed, words);
        Assert.That($"[{string.Join(", ", words)}]", Is.EqualTo(golden.GetProperty("state_words").GetString()));

        var random = new Pcg64(seed);
        Assert.Multiple(() =>
        {
            foreach (double expected in Doubles("doubles"))
                Assert.That(random.NextDouble(), Is.EqualTo(expected));
            foreach (double expected in Doubles("uniform_50_150"))
                Assert.That(random.Uniform(50, 150), Is.EqualTo(expected));
            foreach (JsonElement expected in golden.GetProperty("integers3").EnumerateArray())
                Assert.That(random.Integer(3), Is.EqualTo(expected.GetInt32()));
            Assert.That(random.Uniform(0, 210), Is.EqualTo(Parse(golden.GetProperty("uniform_after"))));
            foreach (double expected in Doubles("uniform_array3"))
                Assert.That(random.Uniform(0, 210), Is.EqualTo(expected));
        });

        IEnumerable<double> Doubles(string name) => golden.GetProperty(name).EnumerateArray().Select(Parse);
        static double Parse(JsonElement value) => double.Parse(value.GetString()!, CultureInfo.InvariantCulture);
    }

    [Test]
    public void A_saved_state_goes_on_with_the_same_numbers()
    {
        var random = new Pcg64(7);
        random.NextUInt32(); // leaves half of a draw kept
        using var memory = new MemoryStream();
        random.SaveState(new BinaryWriter(memory));
        uint[] expected = [random.NextUInt32(), random.NextUInt32(), (uint)random.Integer(1000)];

        memory.Position = 0;
        var other = new Pcg64(8);
        other.LoadState(new BinaryReader(memory));

        Assert.That(new[] { other.NextUInt32(), other.NextUInt32(), (uint)other.Integer(1000) }, Is.EqualTo(expected));
    }

    [Test]
    public void Wide_integers_stay_in_range_and_reach_past_32_bits()
    {
        var random = new Pcg64(3);
        const long Count = 3L << 40;
        long[] draws = [.. Enumerable.Range(0, 1000).Select(_ => random.Integer(Count))];
        Assert.That(draws, Has.All.InRange(0L, Count - 1));
        Assert.That(draws.Max(), Is.GreaterThan(1L << 41));
    }

    [Test]
    public void An_empty_range_is_refused() =>
        Assert.That(() => new Pcg64(1).Integer(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
}

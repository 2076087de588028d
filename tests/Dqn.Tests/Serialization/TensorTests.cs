using System.Buffers.Binary;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class TensorTests
{
    private static readonly object[] Conversions =
    [
        new object[] { TensorType.Float32, "0000C03F000000C0", new[] { 1.5, -2 } },
        new object[] { TensorType.Float64, "182D4454FB210940", new[] { Math.PI } },
        new object[] { TensorType.Float16, "003C004100C2007C", new[] { 1, 2.5, -3, double.PositiveInfinity } },
        new object[] { TensorType.Float16, "0100FF03", new[] { Math.Pow(2, -24), 1023 * Math.Pow(2, -24) } },
        new object[] { TensorType.BFloat16, "803F00C080FF", new[] { 1, -2, double.NegativeInfinity } },
        new object[] { TensorType.Int64, "141A99BE1C000000FFFFFFFFFFFFFFFF", new[] { 123456789012.0, -1 } },
        new object[] { TensorType.Int32, "00000080FFFFFF7F", new double[] { int.MinValue, int.MaxValue } },
        new object[] { TensorType.Int16, "0080FF7F", new double[] { short.MinValue, short.MaxValue } },
        new object[] { TensorType.Int8, "807F", new double[] { -128, 127 } },
        new object[] { TensorType.UInt8, "00FF", new double[] { 0, 255 } },
        new object[] { TensorType.Bool, "0001", new double[] { 0, 1 } },
    ];

    [TestCaseSource(nameof(Conversions))]
    public void Elements_of_every_type_become_singles_and_doubles(TensorType type, string hex, double[] expected)
    {
        byte[] data = Convert.FromHexString(hex);
        var tensor = new Tensor(type, [expected.Length], data);
        Assert.Multiple(() =>
        {
            Assert.That(tensor.ToDoubles(), Is.EqualTo(expected));
            Assert.That(tensor.ToSingles(), Is.EqualTo(expected.Select(value => (float)value)));
        });
    }

    [Test]
    public void Integers_round_to_the_nearest_single()
    {
        var data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, (1L << 24) + 3);
        Assert.That(new Tensor(TensorType.Int64, [], data).ToSingles(), Is.EqualTo(new[] { (float)((1 << 24) + 4) }));
    }

    [Test]
    public void From_singles_and_back()
    {
        Tensor tensor = Tensor.FromSingles([1, 2, 3, 4, 5, 6], 3, 2);
        Assert.Multiple(() =>
        {
            Assert.That(tensor.ToString(), Is.EqualTo("Float32 [3, 2]"));
            Assert.That(tensor.ToSingles(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
            Assert.That(Tensor.FromSingles([7]).Shape, Is.Empty);
        });
    }

    [Test]
    public void Lengths_that_do_not_fit_are_named()
    {
        Tensor tensor = Tensor.FromSingles([1, 2, 3], 3);
        Assert.Multiple(() =>
        {
            Assert.That(() => tensor.CopyTo(new float[2]), Throws.ArgumentException.With.Message.Contains("got 2"));
            Assert.That(() => tensor.CopyTo(new double[4]), Throws.ArgumentException.With.Message.Contains("got 4"));
            Assert.That(
                () => Tensor.FromSingles([1, 2, 3], 2),
                Throws.ArgumentException.With.Message.Contains("Expected 8 bytes"));
            Assert.That(() => new Tensor(TensorType.Bool, [-1], []), Throws.ArgumentException);
            Assert.That(() => new Tensor(TensorType.Bool, default, []), Throws.ArgumentException);
            Assert.That(() => new Tensor(TensorType.Bool, [long.MaxValue, 3], []), Throws.ArgumentException);
            Assert.That(new Tensor(TensorType.Bool, [long.MaxValue, 3, 0], []).Count, Is.Zero);
        });
    }

    [Test]
    public void A_state_dict_keeps_order_and_refuses_a_name_twice()
    {
        StateDict stateDict = StateDicts.Small();
        Assert.Multiple(() =>
        {
            Assert.That(stateDict.Names, Is.EqualTo(new[] { "w", "n" }));
            Assert.That(() => stateDict.Add("n", stateDict["w"]), Throws.ArgumentException);
            Assert.That(() => stateDict["x"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("'w', 'n'"));
        });
    }
}

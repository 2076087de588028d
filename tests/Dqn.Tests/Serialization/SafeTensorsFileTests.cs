using System.Buffers.Binary;
using System.Text;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class SafeTensorsFileTests
{
    private static byte[] Make(string header, int dataLength, long? length = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length ?? text.Length);
        text.CopyTo(bytes, 8);
        for (int i = 0; i < dataLength; i++)
            bytes[8 + text.Length + i] = (byte)i;
        return bytes;
    }

    private static StateDict Read(byte[] bytes) => SafeTensorsFile.Read(new MemoryStream(bytes));

    [Test]
    public void The_bytes_are_those_of_the_format()
    {
        byte[] bytes = StateDicts.ToSafeTensors(StateDicts.Small());
        const string header =
            """{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"w":""" +
            """{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]}}""";
        Assert.Multiple(() =>
        {
            Assert.That(BinaryPrimitives.ReadInt64LittleEndian(bytes), Is.EqualTo(112));
            Assert.That(Encoding.UTF8.GetString(bytes, 8, 112), Is.EqualTo(header.PadRight(112)));
            Assert.That(bytes[120..128], Is.EqualTo(StateDicts.Small()["n"].Data));
            Assert.That(bytes[128..], Is.EqualTo(StateDicts.Small()["w"].Data));
        });
    }

    [Test]
    public void Wide_elements_come_first_then_names_by_their_bytes()
    {
        var stateDict = new StateDict();
        foreach (TensorType type in Enum.GetValues<TensorType>())
            stateDict.Add(type.ToString(), new Tensor(type, [1], new byte[Tensor.SizeOf(type)]));
        // In UTF-16, U+1F600 begins with 0xD83D and would come before U+FF5E.
        foreach (string name in new[] { "😀", "～", "B", "a" })
            stateDict.Add(name, new Tensor(TensorType.Bool, [1], [1]));
        StateDict read = Read(StateDicts.ToSafeTensors(stateDict));
        Assert.That(read.Names, Is.EqualTo(new[]
        {
            "Int64", "Float64", "Float32", "Int32", "BFloat16", "Float16", "Int16", "Int8", "UInt8",
            "B", "Bool", "a", "～", "😀",
        }));
    }

    [Test]
    public void An_empty_state_dict_and_its_metadata()
    {
        Assert.That(StateDicts.ToSafeTensors([]), Is.EqualTo("\u0008\0\0\0\0\0\0\0{}      "u8.ToArray()));
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["a \"quote\"\n"] = "😀\u0001" };
        byte[] bytes = StateDicts.ToSafeTensors([], metadata);
        Assert.Multiple(() =>
        {
            Assert.That(SafeTensorsFile.Read(new MemoryStream(bytes), out var read), Is.Empty);
            Assert.That(read, Is.EquivalentTo(metadata));
            Assert.That(bytes.Length % 8, Is.Zero);
        });
    }

    [Test]
    public void What_is_written_reads_back()
    {
        StateDict mixed = StateDicts.Mixed();
        mixed.Add("ünï 😀 \" \\ \u0007", Tensor.FromSingles([1, 2], 2, 1, 1));
        byte[] bytes = StateDicts.ToSafeTensors(mixed);
        StateDict read = Read(bytes);
        StateDicts.AssertEqual(read, mixed, inOrder: false);
        Assert.That(StateDicts.ToSafeTensors(read), Is.EqualTo(bytes));
    }

    [Test]
    public void Tensors_may_come_in_any_order_and_without_alignment()
    {
        StateDict read = Read(Make(
            """{"b":{"data_offsets":[1,5],"shape":[1],"dtype":"F32"}, "__metadata__":{"k":"v"}, "a":""" +
            """{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""",
            5));
        Assert.Multiple(() =>
        {
            Assert.That(read.Names, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(read["b"].Data, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        });
    }

    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "end at byte")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "truncated")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}""", 5, "gap or an overlap")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":""" +
        """{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "gap")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":""" +
        """{"dtype":"U8","shape":[3],"data_offsets":[2,5]}}""", 5, "overlap")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}""", 4, "does not have the length of its data")]
    [TestCase("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[4,0]}}""", 4, "gap or an overlap")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""",
        0, "does not have the length")]
    [TestCase("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""",
        0, "does not have the length")]
    [TestCase("""{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""",
        4, "truncated")]
    [TestCase("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", 8, "'C64' of tensor 'a' is not supported")]
    [TestCase("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,4]}}""", 4, "none negative")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,4]}}""", 4, "integers")]
    [TestCase("""{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,4]}}""", 4, "numbers in shape")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", 4, "two data_offsets")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4]}}""", 4, "two data_offsets")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"strides":[1]}}""", 4, "got 'strides'")]
    [TestCase("""{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "got 'dtype'")]
    [TestCase("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":""" +
        """{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "'a' twice")]
    [TestCase("""{"__metadata__":{"a":1}}""", 0, "text as 'a'")]
    [TestCase("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "'a' twice")]
    [TestCase("""{"a":3}""", 0, "an object as 'a'")]
    [TestCase("""{"a\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1, "no valid JSON")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}""", 4, "no valid JSON")]
    [TestCase("""{} x""", 0, "no valid JSON")]
    [TestCase("""[]""", 0, "begins with '{'")]
    [TestCase("", 0, "begins with '{'")]
    public void What_is_not_of_the_format_is_named(string header, int dataLength, string message) => Assert.That(
        () => Read(Make(header, dataLength)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [TestCase(3)]
    [TestCase(100_000_001)]
    [TestCase(long.MaxValue)]
    [TestCase(-1)]
    public void A_header_lies_inside_the_file(long length) => Assert.That(
        () => Read(Make("{}", 0, length)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("header"));

    [Test]
    public void Names_that_the_format_cannot_hold_are_refused() => Assert.Multiple(() =>
    {
        Tensor tensor = Tensor.FromSingles([1]);
        foreach (string name in new[] { "__metadata__", "\udc00" })
            Assert.That(() => StateDicts.ToSafeTensors(new StateDict { { name, tensor } }), Throws.ArgumentException);
    });
}

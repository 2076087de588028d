using System.Text;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class PickleTests
{
    private const string Storage = "(X\a\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ";
    private const string Rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
    private const string Hooks = "\u0089ccollections\nOrderedDict\n)R";

    // The elements 0, 1, 2, 3 of storage "0", viewed.
    private static string View(string offset, string shape, string strides) =>
        $"{Rebuild}({Storage}{offset}{shape}{strides}{Hooks}tR";

    private static string Dictionary(string items) => $"\u0080\u0002}}({items}u.";

    private static byte[] File(string pickle)
    {
        using var stream = new MemoryStream();
        var zip = new ZipWriter(stream);
        zip.Add("m/data.pkl", Encoding.Latin1.GetBytes(pickle));
        zip.Add("m/data/0", Tensor.FromSingles([0, 1, 2, 3], 4).Data);
        zip.Finish();
        return stream.ToArray();
    }

    private static StateDict Read(string pickle) => PyTorchFile.Read(new MemoryStream(File(pickle)));

    private static PickleReader Reader(byte[] pickle) => new(pickle, "p", new MemoryBudget(pickle.Length));

    private static object? ReadValue(string pickle) => Reader(Encoding.Latin1.GetBytes(pickle)).Read();

    [TestCase("K\0", "K\u0002K\u0002\u0086", "K\u0002K\u0001\u0086", "[2, 2]: 0 1 2 3", TestName = "View_whole")]
    [TestCase("K\0", "K\u0002K\u0002\u0086", "K\u0001K\u0002\u0086", "[2, 2]: 0 2 1 3", TestName = "View_transposed")]
    [TestCase("K\u0001", "K\u0002\u0085", "K\u0002\u0085", "[2]: 1 3", TestName = "View_with_offset_and_step")]
    [TestCase("K\u0001", "K\u0002\u0085", "K\u0001\u0085", "[2]: 1 2", TestName = "View_slice")]
    [TestCase("K\u0003", "K\u0002K\u0003\u0086", "K\0K\0\u0086", "[2, 3]: 3 3 3 3 3 3", TestName = "View_expanded")]
    [TestCase("K\u0003", ")", ")", "[]: 3", TestName = "View_0_dim")]
    [TestCase("K\u0003", "K\u0001K\u0001\u0086", "K\u0009K\u0009\u0086", "[1, 1]: 3", TestName = "View_of_one")]
    [TestCase("K\0", "K\0K\u0005\u0086", "K\u0005K\u0001\u0086", "[0, 5]: ", TestName = "View_empty")]
    public void Views_are_gathered(string offset, string shape, string strides, string expected)
    {
        Tensor tensor = Read(Dictionary($"X\u0001\0\0\0a{View(offset, shape, strides)}"))["a"];
        Assert.That($"{Tensor.Format(tensor.Shape)}: {string.Join(" ", tensor.ToSingles())}", Is.EqualTo(expected));
    }

    [TestCase("K\u0001", "K\u0004\u0085", "K\u0001\u0085", TestName = "Outside_by_offset")]
    [TestCase("K\0", "K\u0003\u0085", "K\u0002\u0085", TestName = "Outside_by_stride")]
    [TestCase("K\u0004", ")", ")", TestName = "Outside_by_one")]
    [TestCase("J\u00ff\u00ff\u00ff\u00ff", ")", ")", TestName = "Negative_offset")]
    [TestCase("K\u0003", "K\u0002\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085", TestName = "Negative_stride")]
    [TestCase("K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", "K\u0001\u0085", TestName = "Negative_axis")]
    [TestCase("K\0", "\u008a\b\0\0\0\0\0\0\0\u0040\u008a\b\0\0\0\0\0\0\0\u0040\u0086", "K\u0001K\u0001\u0086",
        TestName = "Shape_overflow")]
    [TestCase("K\0", "K\u0002\u0085", "\u008a\b\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u0085",
        TestName = "Huge_stride")]
    [TestCase("K\0", "K\u0002K\u0002\u0086", "K\u0001\u0085", TestName = "Fewer_strides_than_axes")]
    [TestCase("K\0", "J\0\0\0\u0040\u0085", "K\0\u0085", TestName = "A_view_that_repeats_without_bound")]
    public void Views_that_leave_the_storage_are_refused(string offset, string shape, string strides) => Assert.That(
        () => Read(Dictionary($"X\u0001\0\0\0a{View(offset, shape, strides)}")), Throws.TypeOf<InvalidDataException>());

    [Test]
    public void Views_share_one_budget_of_memory()
    {
        // 300 names for one element repeated 65,535 times: 79 MB from 40 kB.
        var items = new StringBuilder();
        for (int i = 0; i < 300; i++)
            items.Append($"X\u0004\0\0\0{i:d4}{View("K\0", "M\u00ff\u00ff\u0085", "K\0\u0085")}");
        Assert.That(() => Read(Dictionary(items.ToString())), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("10 times its length"));
    }

    [TestCase("cos\nsystem\n(X\u0004\0\0\0echotR.", "os.system")]
    [TestCase("\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093)R.", "builtins.eval")]
    [TestCase("cos\nsystem\n)\u0081N\u0085b.", "os.system")]
    [TestCase("cos\nsystem\n)}\u0092.", "os.system")]
    [TestCase("ctorch\nComplexFloatStorage\n)R.", "torch.ComplexFloatStorage")]
    [TestCase("ccollections\nOrderedDict\nK\u0001\u0085R.", "collections.OrderedDict")]
    [TestCase("ccollections\ndeque\n)R(K\u0001K\u0002eK\u0001aK\u0001K\u0002s(K\u0001K\u0002u.", "collections.deque")]
    public void What_would_be_called_is_not_and_stands_for_its_result(string pickle, string origin) =>
        Assert.That(ReadValue(pickle), Is.EqualTo(new PickleOpaque(origin)));

    [TestCase("cos\nsystem\n.", "Expected a state dict (a dictionary of tensors), got the function or class 'os.system'")]
    [TestCase("cmodule\nNet\n)\u0081}b.", "got an object that 'module.Net' makes. Save it with torch.save(model.state_dict()")]
    public void A_whole_model_is_no_state_dict(string pickle, string message) => Assert.That(
        () => Read(pickle), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [TestCase("K\u0001.", ExpectedResult = "1")]
    [TestCase("\u008b\u0002\0\0\0\u0001\u0001.", ExpectedResult = "257")]
    [TestCase("K\u0001K\u0002\u0030.", ExpectedResult = "1")]
    [TestCase("K\u0001(K\u0002K\u0003\u0031.", ExpectedResult = "1")]
    [TestCase("K\u0001\u0032\u0030.", ExpectedResult = "1")]
    [TestCase("\u008d\u0001\0\0\0\0\0\0\0a.", ExpectedResult = "a")]
    [TestCase("T\u0001\0\0\0a.", ExpectedResult = "a")]
    public string? Opcodes_of_later_protocols_are_read(string pickle) => $"{ReadValue(pickle)}";

    [TestCase("C\u0002\u00ff\u00fe.")]
    [TestCase("B\u0002\0\0\0\u00ff\u00fe.")]
    [TestCase("\u008e\u0002\0\0\0\0\0\0\0\u00ff\u00fe.")]
    [TestCase("\u0096\u0002\0\0\0\0\0\0\0\u00ff\u00fe.")]
    [TestCase("U\u0002\u00ff\u00fe.")]
    [TestCase("\u008f(K\u0001K\u0002\u0090.")]
    [TestCase("(K\u0001K\u0002\u0091.")]
    public void What_no_state_dict_is_made_of_keeps_its_place(string pickle) =>
        Assert.That(ReadValue(pickle), Is.TypeOf<PickleOpaque>());

    [TestCase("\u0080\u0001.", "protocol 1")]
    [TestCase("\u0080\u0006.", "protocol 6")]
    [TestCase("K", "offset 0: 1 bytes should follow, but 0 are left")]
    [TestCase("X\u00ff\u00ff\u00ff\u00ffa", "4294967295 bytes should follow")]
    [TestCase("X\u0001\0\0\0\u00ff.", "not UTF-8")]
    [TestCase("h\u0005.", "the memo has no entry 5")]
    [TestCase(".", "nothing on the stack")]
    [TestCase("NN.", "STOP leaves values behind")]
    [TestCase("(.", "nothing on the stack")]
    [TestCase("N(.", "nothing on the stack")]
    [TestCase("t.", "no mark")]
    [TestCase("N(\u0085.", "too few values")]
    [TestCase("}NNs}(Nu.", "a key without a value")]
    [TestCase("Ns.", "too few values")]
    [TestCase("NNNs.", "expected a dictionary")]
    [TestCase("}Na.", "expected a list")]
    [TestCase("N)R.", "expected a global")]
    [TestCase("]}b.", "expected a dictionary")]
    [TestCase("}Nb.", "expected a dictionary of attributes")]
    [TestCase("K\0Q.", "expected a storage's description")]
    [TestCase(")Q.", "expected the description of a storage")]
    public void What_a_state_dict_does_not_need_is_named(string pickle, string message) => Assert.That(
        () => ReadValue(pickle), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [Test]
    public void Every_other_opcode_is_refused_by_number_and_place()
    {
        const string known =
            "\u0080\u0095.(N\u0088\u0089KMJ\u008a\u008bGXT\u008c\u008dUCB\u008e\u0096)\u0085\u0086\u0087t]ae}su\u008f\u0090\u0091" +
            "qr\u0094hjc\u0093QR\u0081\u0092b012";
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (known.Contains((char)opcode))
                continue;
            Assert.That(() => ReadValue($"N{(char)opcode}NNNNNNNNNN."), Throws.TypeOf<InvalidDataException>()
                .With.Message.StartsWith($"p, offset 1: opcode 0x{opcode:X2} is not supported"));
        }
    }

    [TestCase("\u0080\u0002K\u0001.", "Expected a state dict (a dictionary of tensors), got an int")]
    [TestCase("\u0080\u0002].", "got a list")]
    public void Another_root_is_refused(string pickle, string message) => Assert.That(
        () => Read(pickle), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [Test]
    public void Values_that_are_no_tensors_are_named()
    {
        string tensor = View("K\0", "K\u0004\u0085", "K\u0001\u0085");
        Assert.Multiple(() =>
        {
            Throws(Dictionary("X\u0005\0\0\0epochK\u0003"), "a dictionary of 1 items without tensors: 'epoch' is an int");
            Throws(Dictionary("X\u0002\0\0\0lrG\0\0\0\0\0\0\0\0"), "'lr' is a float");
            Throws(Dictionary($"){tensor}"), "Expected names as keys of the state dict, got a tuple");
            Throws(
                Dictionary($"X\u0001\0\0\0a{tensor.Replace("FloatStorage", "ComplexFloatStorage")}"),
                "Tensor 'a' is an object that 'torch._utils._rebuild_tensor_v2 from torch.ComplexFloatStorage' makes");
            Throws(Dictionary($"X\u0001\0\0\0a{tensor}X\u0001\0\0\0a{tensor}"), "The name 'a' occurs twice");
            Throws(Dictionary($"X\u0001\0\0\0a{tensor.Replace("0X\u0003", "1X\u0003")}"), "no entry 'm/data/1'");
            Throws(
                Dictionary($"X\u0001\0\0\0a{tensor.Replace("K\u0004tQ", "K\u0005tQ")}"),
                "'m/data/0' should be 5 × Float32 by data.pkl, but has 16 bytes");
            Throws(
                Dictionary($"X\u0001\0\0\0a{tensor}X\u0001\0\0\0b{tensor.Replace("FloatStorage", "IntStorage")}"),
                "described as 4 × Float32 and as 4 × Int32");
        });

        static void Throws(string pickle, string message) => Assert.That(
            () => Read(pickle), NUnit.Framework.Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }

    // Names: b for {b: tensor}; c and d likewise.
    [TestCase("X\u0005\0\0\0epochK\u0003X\u0005\0\0\0model}(bu", "b", TestName = "Beside_a_number")]
    [TestCase("X\u0004\0\0\0lossaX\u0005\0\0\0model}(bu", "b", TestName = "Beside_a_tensor")]
    [TestCase("X\u0006\0\0\0target}(buX\u0006\0\0\0online}(cu", "c", TestName = "Online_and_target")]
    [TestCase("X\u0003\0\0\0opt}(X\u0005\0\0\0state}(K\0}(buuX\u000c\0\0\0param_groups]uX\u0005\0\0\0model}(cu", "c",
        TestName = "Beside_an_optimizer")]
    [TestCase("X\u0003\0\0\0netcos\nsystem\n(X\u0004\0\0\0echotRX\u0005\0\0\0model}(cu", "c", TestName = "Beside_a_call")]
    [TestCase("X\u0005\0\0\0modelX\u0002\0\0\0bb}(bu\u0086", "b", TestName = "In_a_tuple")]
    public void The_state_dict_in_a_checkpoint_is_found(string items, string name) =>
        Assert.That(Read(Checkpoint(items)).Names.Single(), Is.EqualTo($"{name}.weight"));

    [Test]
    public void Several_state_dicts_are_listed() => Assert.That(
        () => Read(Checkpoint("X\u0002\0\0\0q1}(buX\u0002\0\0\0q2}(cu")),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("several state dicts: 'q1', 'q2'"));

    [Test]
    public void A_dictionary_that_contains_itself_is_searched_once() => Assert.That(
        () => Read("\u0080\u0002}q\0X\u0001\0\0\0ah\0s."), Throws.TypeOf<InvalidDataException>());

    private static string Checkpoint(string items)
    {
        string tensor = View("K\0", "K\u0004\u0085", "K\u0001\u0085");
        string loss = View("K\0", ")", ")");
        items = items.Replace("lossa", $"loss{loss}");
        foreach (char name in "bc")
            items = items.Replace($"({name}u", $"(X\u0008\0\0\0{name}.weight{tensor}u");
        return Dictionary(items);
    }

    [Test]
    public void Parameters_metadata_and_later_protocols_are_read()
    {
        string tensor = View("K\0", "K\u0004\u0085", "K\u0001\u0085");
        string parameter = $"ctorch._utils\n_rebuild_parameter\n({tensor}\u0088ccollections\nOrderedDict\n)RtR";
        string metadata = "}X\u0009\0\0\0_metadata}sb";
        const string start = "\u0080\u0004\u0095\0\0\0\0\0\0\0\0ccollections\nOrderedDict\n)R\u0094(\u008c\u0001p";
        StateDict read = Read($"{start}{parameter}u{metadata}.");
        Assert.That(read["p"].ToSingles(), Is.EqualTo(new float[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void A_storage_that_is_part_of_another_is_read()
    {
        // Early versions: the view (key, offset, length) closes the storage's description.
        string tensor = View("K\0", "K\u0002\u0085", "K\u0001\u0085")
            .Replace("K\u0004tQ", "K\u0004X\u0001\0\0\0vK\u0001K\u0002\u0087tQ");
        Assert.That(Read(Dictionary($"X\u0001\0\0\0a{tensor}"))["a"].ToSingles(), Is.EqualTo(new float[] { 1, 2 }));
    }

    // Whatever a pickle repeats, it costs memory in proportion to its length.
    [TestCase("}", ExpectedResult = true)]
    [TestCase("]", ExpectedResult = true)]
    [TestCase("(", ExpectedResult = true)]
    [TestCase("K\0", ExpectedResult = true)]
    [TestCase(")\u0094", ExpectedResult = true)]
    [TestCase("\u0088\u0085", ExpectedResult = true)]
    [TestCase("]\u0094h\0h\0h\0h\0h\0e(", ExpectedResult = true)]
    [TestCase("ccollections\nOrderedDict\n", ExpectedResult = true)]
    public bool Repetition_costs_memory_in_proportion(string piece)
    {
        byte[] pickle = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Reader(pickle).Read(), Throws.TypeOf<InvalidDataException>());
        return GC.GetAllocatedBytesForCurrentThread() - before < (128 * pickle.Length) + (1 << 20);
    }
}

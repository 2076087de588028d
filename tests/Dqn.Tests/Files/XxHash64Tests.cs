using System.Text;
using Dqn.Files;

namespace Dqn.Tests.Files;

public class XxHash64Tests
{
    [TestCase("", 0xEF46DB3751D8E999UL)]
    [TestCase("a", 0xD24EC4F1A98C6E5BUL)]
    [TestCase("abc", 0x44BC2CF5AD770999UL)]
    [TestCase("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1UL)]
    public void Hashes_are_the_references(string text, ulong expected) =>
        Assert.That(XxHash64.Of(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [Test]
    public void Bytes_in_pieces_hash_as_in_one()
    {
        var random = new Random(1);
        var data = new byte[300];
        random.NextBytes(data);
        for (int length = 0; length <= data.Length; length++)
        {
            var hash = new XxHash64();
            for (int at = 0, taken; at < length; at += taken)
            {
                taken = Math.Min(length - at, random.Next(0, 70));
                hash.Append(data.AsSpan(at, taken));
            }

            Assert.That((hash.Length, hash.Hash), Is.EqualTo((length, XxHash64.Of(data.AsSpan(0, length)))));
        }
    }

    [Test]
    public void Any_byte_changed_is_another_hash()
    {
        var data = new byte[100];
        var seen = new HashSet<ulong> { XxHash64.Of(data) };
        for (int i = 0; i < data.Length; i++)
        {
            for (int value = 1; value < 256; value++)
            {
                data[i] = (byte)value;
                Assert.That(seen.Add(XxHash64.Of(data)), Is.True);
            }

            data[i] = 0;
        }
    }

    // .NET's cryptography needs OpenSSL on Linux: whoever has none must be able to save checkpoints and draw seeds.
    [Test]
    public void The_library_needs_no_cryptography() => Assert.That(
        typeof(Dqn.Agents.DqnAgent).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name),
        Has.None.StartsWith("System.Security.Cryptography"));
}

using Dqn.Networks;

namespace Dqn.Tests.Networks;

public sealed unsafe class ObservationConverterTests
{
    [Test]
    public void ChannelsOfAPixelLieTogether([Values(1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 64, 65, 200)] int channels)
    {
        const int Side = 19;
        Sequential architecture = new(
            [channels, Side, Side], pixels: true, [new Conv2d("conv", 2, 3, 1), new Flatten(), new Linear("q", 2)]);
        ObservationConverter converter = new(architecture, KernelSet.For(InstructionSet.Best));
        var bytes = new byte[2 * channels * Side * Side];
        new Random(channels).NextBytes(bytes);
        var floats = new AlignedBuffer(channels * Side * Side);
        fixed (byte* source = bytes)
        {
            converter.SetSource(source);
            converter.Convert(item: 1, firstPixel: 0, Side * Side, floats.Pointer);
        }

        for (int channel = 0; channel < channels; channel++)
            for (int pixel = 0; pixel < Side * Side; pixel++)
                Assert.That(
                    floats.Span[pixel * channels + channel],
                    Is.EqualTo(bytes[(channels + channel) * Side * Side + pixel] / 255f));
    }
}

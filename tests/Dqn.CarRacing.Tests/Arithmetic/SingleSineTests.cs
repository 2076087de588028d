using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing;

public class SingleSineTests
{
    // sinf and cosf of glibc 2.36 on x86-64 with fused multiply-add. At 17.278738 and
    // −23.558031 its build without gives another cosine.
    [TestCase(0.0f, 0.0f, 1.0f)]
    [TestCase(1e-05f, 1e-05f, 1.0f)]
    [TestCase(0.4f, 0.38941833f, 0.921061f)]
    [TestCase(-0.4f, -0.38941833f, 0.921061f)]
    [TestCase(0.75f, 0.6816388f, 0.73168886f)]
    [TestCase(-0.785398f, -0.70710665f, 0.7071069f)]
    [TestCase(1.5707964f, 1.0f, -4.371139e-08f)]
    [TestCase(17.278738f, -1.0f, -2.1572894e-05f)]
    [TestCase(-23.558031f, 0.9999924f, -0.00391381f)]
    [TestCase(100.5f, -0.030959968f, 0.9995206f)]
    [TestCase(-119.99f, -0.5724387f, 0.8199475f)]
    [TestCase(120.0f, 0.58061117f, 0.81418097f)]
    [TestCase(-137.25f, 0.8305401f, 0.5569588f)]
    [TestCase(1000.0f, 0.82687956f, 0.56237906f)]
    [TestCase(123456.79f, -0.99866086f, 0.05173495f)]
    public void EqualsTheCLibrarys(float angle, float sine, float cosine)
    {
        SingleSine.SineCosine(angle, out float actualSine, out float actualCosine);
        Assert.That(actualSine, Is.EqualTo(sine));
        Assert.That(actualCosine, Is.EqualTo(cosine));
    }

    [Test]
    public void IsTheSameOnEveryMachine()
    {
        // Every 4099th single between 2⁻¹³ and 1000 of either sign, all of which were compared with glibc's.
        ulong hash = 14695981039346656037;
        uint last = BitConverter.SingleToUInt32Bits(1000);
        for (uint bits = BitConverter.SingleToUInt32Bits(1f / 8192); bits < last; bits += 4099)
        {
            Add(BitConverter.UInt32BitsToSingle(bits));
            Add(-BitConverter.UInt32BitsToSingle(bits));
        }

        Assert.That(hash, Is.EqualTo(5336433218399640653));

        void Add(float angle)
        {
            SingleSine.SineCosine(angle, out float sine, out float cosine);
            hash = (hash ^ BitConverter.SingleToUInt32Bits(sine)) * 1099511628211;
            hash = (hash ^ BitConverter.SingleToUInt32Bits(cosine)) * 1099511628211;
        }
    }

    [Test]
    public void IsWithinOneUnitInTheLastPlace()
    {
        for (float angle = -150; angle < 150; angle += 0.0173f)
        {
            SingleSine.SineCosine(angle, out float sine, out float cosine);
            Assert.That(sine, Is.EqualTo(Math.Sin(angle)).Within(6e-8));
            Assert.That(cosine, Is.EqualTo(Math.Cos(angle)).Within(6e-8));
        }
    }
}

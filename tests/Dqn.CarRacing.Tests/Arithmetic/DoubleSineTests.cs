using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing;

public class DoubleSineTests
{
    // sin and cos of glibc 2.36 on x86-64 with fused multiply-add. From 0.3484177052268841 on, its build without gives
    // another last bit for the sine or the cosine of each that has many digits.
    [TestCase(0, 0, 1)]
    [TestCase(1E-09, 1E-09, 1)]
    [TestCase(1E-08, 1E-08, 1)]
    [TestCase(0.01, 0.009999833334166664, 0.9999500004166653)]
    [TestCase(0.125, 0.12467473338522769, 0.992197667229329)]
    [TestCase(0.126, 0.12566686854972925, 0.9920724964179307)]
    [TestCase(-0.4, -0.3894183423086505, 0.9210609940028851)]
    [TestCase(0.8554687, 0.7548784028568887, 0.6558647702844184)]
    [TestCase(0.85546875, 0.7548784356501264, 0.6558647325404974)]
    [TestCase(1.5707963267948966, 1, 6.123233995736766E-17)]
    [TestCase(2.4262657165527344, 0.6558642496009673, -0.754878855244575)]
    [TestCase(3.141592653589793, 1.2246467991473532E-16, -1)]
    [TestCase(0.3484177052268841, 0.34141101429301424, 0.9399141020962581)]
    [TestCase(-0.8628226811824472, -0.7596811643495414, 0.6502957239076119)]
    [TestCase(-1.765198032029531, -0.9811634234599802, -0.19317954463216724)]
    [TestCase(-4.984474508550239, 0.9632125249201146, 0.26874082651695813)]
    [TestCase(6.5888082751020836, 0.300887332955006, 0.9536596944755625)]
    [TestCase(-31.583619216263116, -0.16690784166041572, 0.9859725008296436)]
    [TestCase(-787.535275233693, -0.843883525253281, -0.5365264166898914)]
    [TestCase(56277389.99029499, -0.9485687723081396, 0.31657113608449655)]
    public void EqualsTheCLibrarys(double angle, double sine, double cosine)
    {
        Assert.That(DoubleSine.Sine(angle), Is.EqualTo(sine));
        Assert.That(DoubleSine.Cosine(angle), Is.EqualTo(cosine));
        Assert.That(DoubleSine.Sine(-angle), Is.EqualTo(-sine));
        Assert.That(DoubleSine.Cosine(-angle), Is.EqualTo(cosine));
    }

    [Test]
    public void IsTheSameOnEveryMachine()
    {
        // The hash of glibc's results for the same angles; its build without fused multiply-add has another.
        ulong hash = 14695981039346656037;
        for (int i = 1; i <= 100_000; i++)
        {
            Add(i * 0.00012345);
            Add(i * -0.012345);
            Add(i * 12.345);
        }

        Assert.That(hash, Is.EqualTo(17721466645220638338));

        void Add(double angle)
        {
            hash = (hash ^ BitConverter.DoubleToUInt64Bits(DoubleSine.Sine(angle))) * 1099511628211;
            hash = (hash ^ BitConverter.DoubleToUInt64Bits(DoubleSine.Cosine(angle))) * 1099511628211;
        }
    }

    [Test]
    public void IsWithinTwoUnitsInTheLastPlaceOfThisMachines()
    {
        for (int i = -20_000; i < 20_000; i++)
        {
            double angle = i * 0.0037;
            Assert.That(DoubleSine.Sine(angle), Is.EqualTo(Math.Sin(angle)).Within(2).Ulps);
            Assert.That(DoubleSine.Cosine(angle), Is.EqualTo(Math.Cos(angle)).Within(2).Ulps);
        }
    }

    [Test]
    public void HugeAnglesAreTheCLibrarys()
    {
        Assert.That(DoubleSine.Sine(1e9), Is.EqualTo(Math.Sin(1e9)));
        Assert.That(DoubleSine.Cosine(-1e9), Is.EqualTo(Math.Cos(1e9)));
    }
}

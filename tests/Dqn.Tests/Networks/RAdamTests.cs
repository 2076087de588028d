using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Networks;

public sealed class RAdamTests
{
    /// <summary>Computed from the formulas with 40 digits; ρ is 1.0, 4.996, 5.994 and 98.3.</summary>
    [TestCase(1, 10, 0, 1)]
    [TestCase(5, 2.4419428096993968, 0, 1)]
    [TestCase(6, 0.05510749511132048, 12.926090657550210, 1.2926090657550210e-7)]
    [TestCase(100, 0.21534115630054951, 3.2408849529698484, 3.2408849529698484e-8)]
    public void Rectification_by_steps(long steps, double size, double inverseRoot, double addend)
    {
        (double Size, double InverseRoot, double Addend) numbers = new RAdamOptions().At(steps);
        Assert.Multiple(() =>
        {
            Assert.That(numbers.Size, Is.EqualTo(size).Within(1e-8).Percent);
            Assert.That(numbers.InverseRoot, Is.EqualTo(inverseRoot).Within(1e-8).Percent);
            Assert.That(numbers.Addend, Is.EqualTo(addend).Within(1e-8).Percent);
        });
    }

    [Test]
    public void Where_squares_are_soon_forgotten_no_step_divides()
    {
        var options = new RAdamOptions { Beta2 = 0.6 }; // ρ∞ is 4
        foreach (long steps in (long[])[1, 10, 1_000_000])
            Assert.That((options.At(steps).InverseRoot, options.At(steps).Addend), Is.EqualTo((0.0, 1.0)));
    }

    /// <summary>A network of one weight and one bias, whose gradients are known, beside the formulas in double precision.</summary>
    [Test]
    public void Steps_follow_the_formulas([Values(1e-8, 1e-2)] double epsilon, [Values(0.05, double.PositiveInfinity)] double longest)
    {
        const double Rate = 0.01, Beta1 = 0.9, Beta2 = 0.999;
        using var network = new QNetwork(
            new MlpActionValue(1, 1), new Pcg64(1),
            new QNetworkOptions
            {
                Optimizer = new RAdamOptions { LearningRate = Rate, Epsilon = epsilon },
                MaxGradientNorm = longest,
                Threads = 1,
            });
        StateDict start = network.GetStateDict();
        double[] parameters =
            [GoldenLearning.Values(start, "fc1.weight")[0], GoldenLearning.Values(start, "fc1.bias")[0]];
        double[] means = [0, 0], squares = [0, 0];
        for (int step = 1; step <= 30; step++)
        {
            float input = step % 5 - 1.5f, target = step % 3;
            double error = parameters[0] * input + parameters[1] - target;
            double[] gradients = [2 * error * input, 2 * error];
            double norm = Math.Sqrt(gradients[0] * gradients[0] + gradients[1] * gradients[1]);
            double scale = Math.Min(1, longest / (norm + 1e-6)), length = Length(step);
            for (int i = 0; i < 2; i++)
            {
                double gradient = gradients[i] * scale;
                means[i] = Beta1 * means[i] + (1 - Beta1) * gradient;
                squares[i] = Beta2 * squares[i] + (1 - Beta2) * gradient * gradient;
                double update = means[i] / (1 - Math.Pow(Beta1, step));
                if (length > 5)
                {
                    update *= Math.Sqrt((length - 4) * (length - 2) * 1999 / (1995.0 * 1997 * length)) *
                        Math.Sqrt(1 - Math.Pow(Beta2, step)) / (Math.Sqrt(squares[i]) + epsilon);
                }

                parameters[i] -= Rate * update;
            }

            network.Fit(BitConverter.GetBytes(input), [0], [target], [], []);
            StateDict learnt = network.GetStateDict();
            Assert.That(GoldenLearning.Values(learnt, "fc1.weight")[0], Is.EqualTo(parameters[0]).Within(1e-5), $"step {step}");
            Assert.That(GoldenLearning.Values(learnt, "fc1.bias")[0], Is.EqualTo(parameters[1]).Within(1e-5), $"step {step}");
        }

        static double Length(int step) => 1999 - 2 * step * Math.Pow(Beta2, step) / (1 - Math.Pow(Beta2, step));
    }

    [Test]
    public void Options_out_of_range_are_refused()
    {
        Assert.That(() => new RAdamOptions { Beta1 = -0.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RAdamOptions { Beta2 = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RAdamOptions { Epsilon = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RAdamOptions().At(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}

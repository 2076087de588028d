using Dqn.Threading;

namespace Dqn.Tests.Threading;

public class SingleCallerTests
{
    private SingleCaller _caller;

    [Test]
    public void A_second_thread_is_refused_until_the_first_has_left()
    {
        using (Enter())
        {
            Assert.That(Elsewhere, Throws.InvalidOperationException.With.Message.EqualTo(
                "Thing: expected one thread at a time, but a call of another thread has not returned. Make two."));
            Assert.That(Elsewhere, Throws.InvalidOperationException);
        }

        Assert.That(Elsewhere, Throws.Nothing);
        Assert.That(Elsewhere, Throws.Nothing);
    }

    [Test]
    public void The_same_thread_may_enter_from_inside()
    {
        using (Enter())
        {
            using (Enter())
            {
            }

            Assert.That(Elsewhere, Throws.InvalidOperationException);
        }

        Assert.That(Elsewhere, Throws.Nothing);
    }

    private SingleCaller.Visit Enter() => _caller.Enter("Thing", "Make two.");

    private void Elsewhere()
    {
        Exception? thrown = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter().Dispose();
            }
            catch (InvalidOperationException exception)
            {
                thrown = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (thrown is not null)
            throw thrown;
    }
}

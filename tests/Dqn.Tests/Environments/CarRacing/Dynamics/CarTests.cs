using Dqn.Environments.CarRacing;

namespace Dqn.Tests.Environments.CarRacing;

public class CarTests
{
    [TestCaseSource(typeof(GoldenEpisode), nameof(GoldenEpisode.Names))]
    public void EveryFrameEqualsBox2DsBitForBit(string name)
    {
        var episode = new GoldenEpisode(name);
        var car = new Car(new ExactCarDynamics());
        car.Reset(episode.Track);
        var visited = new HashSet<int>();
        for (int frame = 0; frame < episode.Frames; frame++)
        {
            episode.Step(car, frame);
            foreach (var contact in car.Contacts)
                if (contact.Begin && contact.Body > 0)
                    visited.Add(contact.Tile);
            episode.AssertFrame(car, frame);
            Assert.That(visited, Has.Count.EqualTo(episode.TilesVisited(frame)), $"frame {frame}");
        }
    }
}

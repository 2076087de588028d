using Dqn.Environments;
using Dqn.Orleans.Actors;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Randomness;

namespace Dqn.Tests.Learners;

/// <summary>Which episode ended with which transition of which segment, against a plain list of what happened.</summary>
[TestFixture]
public sealed class EpisodeRecordTests
{
    [TestCase(1)]
    [TestCase(3)]
    public void Episodes_end_where_they_ended(int steps)
    {
        var random = new Pcg64(5);
        var writer = new SegmentWriter(new SegmentFormat(4, 1, 0, steps), 0.9, prioritized: false);
        var record = new EpisodeRecord(statistics: null);
        var happened = new List<(float Reward, EndedEpisode? Ended)>();
        var reported = new List<(float Reward, EndedEpisode? Ended)>();
        for (int episode = 0; episode < 200; episode++)
        {
            writer.Begin(new byte[4]);
            record.Begin();
            int length = 1 + random.Integer(90);
            double sum = 0;
            for (int step = 1; step <= length; step++)
            {
                float reward = random.Integer(100);
                sum += reward;
                bool terminated = step == length && episode % 2 == 0, truncated = step == length && !terminated;
                writer.Add(0, reward, terminated, truncated, new byte[4]);
                record.Add(new StepResult(reward, terminated, truncated));
                happened.Add((reward, step == length ? new EndedEpisode(0, sum, length, length, terminated, truncated) : null));
                Take(writer, record, reported);
            }
        }

        writer.Cut();
        Take(writer, record, reported);
        Assert.That(reported, Is.EqualTo(happened));
    }

    private static void Take(SegmentWriter writer, EpisodeRecord record, List<(float Reward, EndedEpisode? Ended)> reported)
    {
        while (writer.TryTake(out TransitionSegment? segment))
        {
            EndedEpisode[] episodes = record.Take(segment);
            int next = 0, transition = 0;
            for (int place = segment.WindowStart; place < segment.WindowEnd; place++)
            {
                if (!segment.HasTransition(place))
                    continue;
                bool ended = next < episodes.Length && episodes[next].Place == transition;
                reported.Add((segment.Rewards[place], ended ? episodes[next++] with { Place = 0 } : null));
                transition++;
            }

            Assert.That(next, Is.EqualTo(episodes.Length), "each episode has its place");
        }
    }
}

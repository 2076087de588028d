using System.Collections;

namespace Dqn.CarRacing;

/// <summary>The last thirty skid marks, oldest first, and which of them each wheel is still drawing.</summary>
internal sealed class SkidTrails : IReadOnlyList<SkidMark>
{
    private const int Kept = 30;
    private const int Wheels = 4;
    private const int None = -1;

    // A wheel may go on drawing a mark that the queue has dropped, so four more marks than are kept.
    private readonly SkidMark[] _pool = new SkidMark[Kept + Wheels];
    private readonly int[] _queue = new int[Kept];
    private readonly int[] _drawing = [None, None, None, None];
    private readonly bool[] _started = new bool[Wheels];
    private int _oldest;

    public SkidTrails()
    {
        for (int i = 0; i < _pool.Length; i++)
            _pool[i] = new SkidMark();
    }

    public int Count { get; private set; }

    public SkidMark this[int index] =>
        (uint)index < (uint)Count
            ? _pool[_queue[(_oldest + index) % Kept]]
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected 0 to {Count - 1}.");

    public void Clear()
    {
        Count = 0;
        _oldest = 0;
        _drawing.AsSpan().Fill(None);
        _started.AsSpan().Clear();
    }

    /// <summary>The wheel slides: its mark gets longer, or a new one begins.</summary>
    public void Slide(int wheel, float x, float y, bool onGrass)
    {
        int mark = _drawing[wheel];
        if (mark != None && _pool[mark].OnGrass == onGrass && _pool[mark].Points.Length < SkidMark.MaximumPoints)
        {
            _pool[mark].Add(x, y);
        }
        else if (!_started[wheel])
        {
            // The reference remembers where the slide began, but as a view of the body's position, which moves on with
            // the body: when the mark is made a step later, both its points are where the wheel is then.
            _started[wheel] = true;
        }
        else
        {
            _drawing[wheel] = None;
            mark = Free();
            _pool[mark].Begin(onGrass);
            _pool[mark].Add(x, y);
            _pool[mark].Add(x, y);
            if (Count == Kept)
                _oldest = (_oldest + 1) % Kept;
            else
                Count++;
            _queue[(_oldest + Count - 1) % Kept] = mark;
            _drawing[wheel] = mark;
            _started[wheel] = false;
        }
    }

    /// <summary>The wheel grips.</summary>
    public void Grip(int wheel)
    {
        _started[wheel] = false;
        _drawing[wheel] = None;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        foreach (var mark in this)
            mark.Save(writer);
        for (int wheel = 0; wheel < Wheels; wheel++)
        {
            writer.Write(_started[wheel]);

            // Where the wheel's mark stands in the queue; one that the queue has dropped is seen by nobody, but its
            // length decides when the wheel's next mark begins.
            int place = _drawing[wheel] == None ? None : Place(_drawing[wheel]);
            writer.Write(place);
            if (place == Kept)
                _pool[_drawing[wheel]].Save(writer);
        }
    }

    public void Load(BinaryReader reader)
    {
        Clear();
        int count = reader.ReadInt32();
        if (count is < 0 or > Kept)
            throw new InvalidDataException($"Skid marks: expected 0 to {Kept}, got {count}.");
        for (int i = 0; i < count; i++)
        {
            _pool[i].Load(reader);
            _queue[i] = i;
        }

        Count = count;
        for (int wheel = 0; wheel < Wheels; wheel++)
        {
            _started[wheel] = reader.ReadBoolean();
            int place = reader.ReadInt32();
            if (place != Kept && (place < None || place >= count))
                throw new InvalidDataException($"Skid marks: expected a mark below {count}, got {place}.");
            _drawing[wheel] = place == Kept ? Kept + wheel : place;
            if (place == Kept)
                _pool[Kept + wheel].Load(reader);
        }
    }

    public IEnumerator<SkidMark> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Where a mark stands in the queue, oldest first; Kept when it is not there.
    private int Place(int mark)
    {
        int place = 0;
        while (place < Count && _queue[(_oldest + place) % Kept] != mark)
            place++;
        return place < Count ? place : Kept;
    }

    // The queue's oldest mark leaves only after this, so at most 30 are queued and 3 drawn by the other wheels.
    private int Free()
    {
        int mark = 0;
        while (Place(mark) < Kept || _drawing.AsSpan().Contains(mark))
            mark++;
        return mark;
    }
}

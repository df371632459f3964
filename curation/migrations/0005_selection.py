import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotate', '0001_initial'),
        ('curation', '0004_campaigns'),
        ('jobs', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Selection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('dimension', models.CharField(blank=True, max_length=40)),
                ('source', models.CharField(choices=[('waiting', 'tasks that nobody has answered yet'), ('answered', 'pairs that have a label, to see whether it holds'), ('version', 'pairs that the filters of a dataset version found suspicious'), ('pool', 'pairs of a pool, not verified yet')], max_length=8)),
                ('strategy', models.CharField(max_length=80)),
                ('settings', models.JSONField(default=dict)),
                ('size', models.PositiveIntegerField()),
                ('random_share', models.FloatField()),
                ('seed', models.PositiveIntegerField(default=0)),
                ('evidence', models.JSONField(default=dict, help_text='What it was chosen by: models, and how many rows were open.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='selection', to='jobs.job')),
                ('pool', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='selections', to='curation.pool')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selections', to='annotate.project')),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='selections', to='curation.datasetversion')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SelectionEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField(help_text='From 0, the first to be asked.')),
                ('row_id', models.CharField(max_length=64)),
                ('key_a', models.CharField(max_length=16)),
                ('key_b', models.CharField(max_length=16)),
                ('slice', models.CharField(choices=[('chosen', 'Chosen'), ('random', 'Random')], max_length=6)),
                ('filter', models.CharField(blank=True, help_text='The filter that found it, where one did.', max_length=80)),
                ('reason', models.CharField(help_text="Code of the strategy's or the filter's reasons.", max_length=80)),
                ('score', models.FloatField(blank=True, null=True)),
                ('label', models.FloatField(blank=True, help_text='How far a was believed the better one, a tie counting half; null: no label.', null=True)),
                ('selection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='curation.selection')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selection_entries', to='annotate.task')),
            ],
            options={
                'ordering': ['place'],
            },
        ),
        migrations.AddConstraint(
            model_name='selection',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['waiting', 'answered', 'version', 'pool'])), name='selection_source_known'),
        ),
        migrations.AddConstraint(
            model_name='selection',
            constraint=models.CheckConstraint(condition=models.Q(('random_share__gte', 0), ('random_share__lte', 1)), name='selection_share_in_0_1'),
        ),
        migrations.AddConstraint(
            model_name='selectionentry',
            constraint=models.UniqueConstraint(fields=('selection', 'place'), name='entry_place_once_a_selection'),
        ),
        migrations.AddConstraint(
            model_name='selectionentry',
            constraint=models.UniqueConstraint(fields=('selection', 'task', 'key_a', 'key_b'), name='entry_pair_once_a_selection'),
        ),
        migrations.AddConstraint(
            model_name='selectionentry',
            constraint=models.CheckConstraint(condition=models.Q(('slice__in', ['chosen', 'random'])), name='entry_slice_known'),
        ),
    ]

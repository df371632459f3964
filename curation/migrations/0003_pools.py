import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("curation", "0002_judges"),
        ("annotate", "0001_initial"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='current',
            field=models.ForeignKey(blank=True, help_text='The version to use: the last one made, or an older one that was restored.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='curation.datasetversion'),
        ),
        migrations.CreateModel(
            name='Pool',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('question', models.CharField(default='preference', help_text='Question that its labels answer.', max_length=40)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pools', to='annotate.project')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='PoolPass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pipeline', models.TextField(help_text='YAML, as it is run.')),
                ('shards', models.JSONField(help_text="Hashes of the pool's shards when it began, in their order.")),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='running', max_length=10)),
                ('phase', models.CharField(blank=True, help_text='What is being done.', max_length=80)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(help_text='What gets the version.', on_delete=django.db.models.deletion.CASCADE, related_name='passes', to='curation.dataset')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                ('pool', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passes', to='curation.pool')),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='passes', to='curation.datasetversion')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PassPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done')], default='waiting', max_length=10)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='curation.poolpass')),
            ],
            options={
                'ordering': ['phase', 'number'],
            },
        ),
        migrations.CreateModel(
            name='PoolShard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('file', models.CharField(help_text='Name in the storage.', max_length=200)),
                ('hash', models.CharField(help_text='SHA-256 of the file.', max_length=64)),
                ('rows', models.PositiveBigIntegerField()),
                ('size', models.PositiveBigIntegerField(help_text='Bytes of the file.')),
                ('first', models.CharField(help_text='Least row id.', max_length=64)),
                ('last', models.CharField(help_text='Greatest row id.', max_length=64)),
                ('source', models.CharField(help_text='What it was imported from.', max_length=200)),
                ('job', models.UUIDField(blank=True, help_text='The import; an import that is repeated replaces its own.', null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('pool', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='curation.pool')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.AddConstraint(
            model_name='pool',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='pool_name_once_a_project'),
        ),
        migrations.AddConstraint(
            model_name='poolpass',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['running', 'done', 'failed'])), name='pass_state_known'),
        ),
        migrations.AddConstraint(
            model_name='passpart',
            constraint=models.UniqueConstraint(fields=('of', 'phase', 'number'), name='part_once_a_phase'),
        ),
        migrations.AddConstraint(
            model_name='passpart',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done'])), name='part_state_known'),
        ),
        migrations.AddConstraint(
            model_name='poolshard',
            constraint=models.UniqueConstraint(fields=('pool', 'number'), name='shard_number_once_a_pool'),
        ),
    ]
